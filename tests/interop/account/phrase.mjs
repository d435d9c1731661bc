// Recovery phrases: bytes as words with a checksum word, and back. account.md section 1.
import { words } from './words.mjs';

const n = words.length;
const prefix = (word) => word.slice(0, 3).toLowerCase();
const byPrefix = new Map(words.map((word, index) => [prefix(word), index]));

function crc32(text) {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export const checksumIndex = (dataWords) => crc32(dataWords.map(prefix).join('')) % dataWords.length;

export function wordsOf(bytes) {
  const result = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const x = bytes.readUInt32LE(at);
    const w1 = x % n;
    const w2 = (Math.floor(x / n) + w1) % n;
    const w3 = (Math.floor(x / n / n) + w2) % n;
    result.push(words[w1], words[w2], words[w3]);
  }
  return result;
}

export function bytesOf(dataWords) {
  const indices = dataWords.map((word) => {
    const index = byPrefix.get(prefix(word));
    if (index === undefined) throw new Error('unknown word');
    return index;
  });
  const bytes = Buffer.alloc((indices.length / 3) * 4);
  for (let i = 0; i < indices.length; i += 3) {
    const [w1, w2, w3] = indices.slice(i, i + 3);
    const x = w1 + n * ((n - w1 + w2) % n) + n * n * ((n - w2 + w3) % n);
    if (x > 0xffffffff || x % n !== w1) throw new Error('no bytes have these three words');
    bytes.writeUInt32LE(x, (i / 3) * 4);
  }
  return bytes;
}

export function encodePhrase(bytes) {
  const data = wordsOf(bytes);
  return [...data, data[checksumIndex(data)]].join(' ');
}

export function decodePhrase(phrase) {
  const all = phrase.trim().toLowerCase().split(/\s+/);
  if (all.length % 3 !== 1) throw new Error('too few or too many words');
  const data = all.slice(0, -1);
  if (prefix(data[checksumIndex(data)]) !== prefix(all.at(-1))) throw new Error('checksum');
  return bytesOf(data);
}
