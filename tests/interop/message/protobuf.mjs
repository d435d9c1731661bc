// Protocol Buffers by hand: messages are objects, and a schema says which member has which number.
//
//   const Ping = schema({ id: [1, 'uint64'], texts: [2, 'string', 'repeated'], kind: [3, { NO: 0, YES: 1 }] });
//
// A member's type is uint32, uint64, bool, fixed64, string, bytes, an enumeration {NAME: number}, or another schema.
// Members are written in the order of the schema, when they are not undefined; what the schema does not know is skipped.

export const schema = (members) => ({ members: Object.entries(members), isSchema: true });

export function encode(type, message) {
  const out = [];
  for (const [name, [number, kind]] of type.members)
    if (message[name] !== undefined)
      for (const value of [message[name]].flat()) out.push(...encodeMember(number, kind, value));
  return Buffer.concat(out);
}

function encodeMember(number, kind, value) {
  const tag = (wire) => varint(number * 8 + wire);
  const delimited = (bytes) => [tag(2), varint(bytes.length), bytes];
  if (kind === 'string') return delimited(Buffer.from(value, 'utf8'));
  if (kind === 'bytes') return delimited(value);
  if (kind.isSchema) return delimited(encode(kind, value));
  if (kind === 'fixed64') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return [tag(1), bytes];
  }
  return [tag(0), varint(typeof kind === 'object' ? kind[value] : Number(value))];
}

export function decode(type, bytes) {
  const byNumber = new Map(type.members.map(([name, [number, kind, rule]]) => [number, { name, kind, rule }]));
  const message = {};
  for (const { number, wire, value } of fields(bytes)) {
    const member = byNumber.get(number);
    if (!member || wire !== wireOf(member.kind)) continue;
    const decoded = decodeMember(member.kind, value);
    if (member.rule === 'repeated') (message[member.name] ??= []).push(decoded);
    else message[member.name] = decoded; // the last one counts
  }
  return message;
}

const wireOf = (kind) => (kind === 'fixed64' ? 1 : kind === 'string' || kind === 'bytes' || kind.isSchema ? 2 : 0);

function decodeMember(kind, value) {
  if (kind === 'string') return value.toString('utf8');
  if (kind === 'bytes') return value;
  if (kind === 'fixed64') return Number(value.readBigUInt64LE());
  if (kind === 'bool') return value !== 0n;
  if (kind.isSchema) return decode(kind, value);
  if (typeof kind === 'object') return Object.keys(kind).find((name) => BigInt(kind[name]) === value) ?? Number(value);
  return Number(value);
}

// Every field of a message: its number, wire type, and a bigint or the bytes.
export function* fields(bytes) {
  let at = 0;
  const take = (length) => {
    if (at + length > bytes.length) throw new Error('A protobuf message ends in the middle of a field.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = take(1);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new Error('A protobuf number has more than ten bytes.');
  };
  while (at < bytes.length) {
    const tag = Number(number());
    const wire = tag % 8;
    const read = { 0: number, 1: () => take(8), 2: () => take(Number(number())), 5: () => take(4) }[wire];
    if (!read || tag < 8) throw new Error('A protobuf message has a field of an unknown kind.');
    yield { number: Math.floor(tag / 8), wire, value: read() };
  }
}

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
