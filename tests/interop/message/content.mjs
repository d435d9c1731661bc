// The messages of envelope.md section 4 that a one-to-one conversation uses.
import { schema } from './protobuf.mjs';

export const Envelope = schema({
  type: [1, { SESSION_MESSAGE: 6, CLOSED_GROUP_MESSAGE: 7 }],
  source: [2, 'string'],
  timestamp: [5, 'uint64'], // ms
  sourceDevice: [7, 'uint32'],
  content: [8, 'bytes'],
  proSig: [11, 'bytes'],
});

const WebSocketRequestMessage = schema({
  verb: [1, 'string'],
  path: [2, 'string'],
  body: [3, 'bytes'],
  id: [4, 'uint64'],
});

export const WebSocketMessage = schema({
  type: [1, { UNKNOWN: 0, REQUEST: 1, RESPONSE: 2 }],
  request: [2, WebSocketRequestMessage],
});

const AttachmentPointer = schema({
  deprecated_id: [1, 'fixed64'],
  contentType: [2, 'string'],
  key: [3, 'bytes'],
  size: [4, 'uint32'],
  digest: [6, 'bytes'],
  fileName: [7, 'string'],
  flags: [8, 'uint32'],
  width: [9, 'uint32'],
  height: [10, 'uint32'],
  caption: [11, 'string'],
  url: [101, 'string'],
});

const Quote = schema({ id: [1, 'uint64'], author: [2, 'string'], text: [3, 'string'] });

const Reaction = schema({
  id: [1, 'uint64'],
  author: [2, 'string'],
  emoji: [3, 'string'],
  action: [4, { REACT: 0, REMOVE: 1 }],
});

const LokiProfile = schema({
  displayName: [1, 'string'],
  profilePicture: [2, 'string'],
  lastProfileUpdateSeconds: [3, 'uint64'],
});

const DataMessage = schema({
  body: [1, 'string'],
  attachments: [2, AttachmentPointer, 'repeated'],
  flags: [4, 'uint32'],
  profileKey: [6, 'bytes'],
  quote: [8, Quote],
  reaction: [11, Reaction],
  profile: [101, LokiProfile],
  syncTarget: [105, 'string'],
});

const CallMessage = schema({
  type: [1, { OFFER: 1, ANSWER: 2, PROVISIONAL_ANSWER: 3, ICE_CANDIDATES: 4, END_CALL: 5, PRE_OFFER: 6 }],
  sdps: [2, 'string', 'repeated'],
  sdpMLineIndexes: [3, 'uint32', 'repeated'],
  sdpMids: [4, 'string', 'repeated'],
  uuid: [5, 'string'],
});

export const Content = schema({
  dataMessage: [1, DataMessage],
  callMessage: [3, CallMessage],
  receiptMessage: [5, schema({ type: [1, { DELIVERY: 0, READ: 1 }], timestamp: [2, 'uint64', 'repeated'] })],
  typingMessage: [6, schema({ timestamp: [1, 'uint64'], action: [2, { STARTED: 0, STOPPED: 1 }] })],
  dataExtractionNotification: [8, schema({ type: [1, { SCREENSHOT: 1, MEDIA_SAVED: 2 }], timestamp: [2, 'uint64'] })],
  unsendRequest: [9, schema({ timestamp: [1, 'uint64'], author: [2, 'string'] })],
  messageRequestResponse: [
    10,
    schema({ isApproved: [1, 'bool'], profileKey: [2, 'bytes'], profile: [3, LokiProfile] }),
  ],
  expirationType: [12, { UNKNOWN: 0, DELETE_AFTER_READ: 1, DELETE_AFTER_SEND: 2 }],
  expirationTimer: [13, 'uint32'], // seconds
  sigTimestamp: [15, 'uint64'], // ms
});
