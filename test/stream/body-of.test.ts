import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { bodyOf } from '../../src/stream/body-of.js';

const CHUNKS = 30_000;
const BYTES = 1000;

test('small chunks whose memory is used again, towards a peer that reads late', async (t) => {
  const peer: { socket?: Socket } = {};
  const received: Buffer[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    peer.socket = socket;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  let given = 0;
  const source = async function* () {
    const memory = Buffer.alloc(BYTES);
    for (; given < CHUNKS; given += 1) yield memory.fill(given % 251);
  };
  const sent = pipeline(bodyOf(source()), socket);
  // All buffers on the way are full when nothing more is asked of the source.
  for (let before = -1; before < given; ) {
    before = given;
    await wait(50);
  }
  t.true(given < CHUNKS, 'the peer has not read');
  const ended = new Promise((resolve) => peer.socket?.on('end', resolve));
  peer.socket?.on('data', (data) => received.push(data)).resume();
  await Promise.all([sent, ended]);
  const all = Buffer.concat(received);
  t.is(all.length, CHUNKS * BYTES);
  const wrong = Array.from({ length: CHUNKS }, (_, index) => index).filter(
    (index) => !all.subarray(index * BYTES, (index + 1) * BYTES).equals(Buffer.alloc(BYTES, index % 251)),
  );
  t.deepEqual(wrong, []);
  await new Promise((resolve) => server.close(resolve));
});

test('an end before all is read returns the iteration', async (t) => {
  let returned = false;
  const source = async function* () {
    try {
      for (;;) yield Buffer.alloc(10);
    } finally {
      returned = true;
    }
  };
  for await (const chunk of bodyOf(source())) {
    t.is(chunk.length, 10);
    break;
  }
  await wait(0);
  t.true(returned);
});
