// What tends to break on its way.
export const texts = [
  'Hello',
  'x'.repeat(200) + ' one block more than the padding of a short one',
  Array.from({ length: 80 }, (_, i) => `${String(i).padStart(4, '0')} bottles on the wall,`)
    .join(' ')
    .slice(0, 2000),
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301 \u{1F1EA}\u{1F1FA}',
  'שלום עולם، مرحبا بالعالم ← right to left',
  'line\nline\ttab "quotes" \\ \u0007 %s <b>',
];
