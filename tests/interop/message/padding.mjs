// Hides a message's length up to 160 bytes. envelope.md section 2, as libsession writes it.
export function pad(message) {
  const least = message.length + 1;
  const padded = Buffer.alloc(least + 160 - (least % 160));
  message.copy(padded);
  padded[message.length] = 0x80;
  return padded;
}

// Without the mark it was never padded: given back without the zeros, as libsession does.
export function unpad(padded) {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) --end;
  if (end > 0 && padded[end - 1] === 0x80) --end;
  return padded.subarray(0, end);
}
