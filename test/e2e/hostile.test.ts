import test from 'ava';
import { type RawAnswer, RawConnection } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

let server: ServerUnderTest;
test.before(async () => {
  server = await ServerUnderTest.start();
});
test.after.always(async () => {
  if (server?.running) await server.stop();
  server?.dispose();
});

async function say(text: string): Promise<RawAnswer | undefined> {
  const connection = await RawConnection.open(server.port);
  try {
    await connection.send(Buffer.from(text, 'latin1'));
    return await connection.answer();
  } finally {
    connection.close();
  }
}

const part = (name: string, value: string, file = '') =>
  `--X\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}`;

test.serial('a refused form whose file breaks off does not end the server', async (t) => {
  const body = `${part('x-image-meta-bogus', '1')}\r\n${part('f', 'abc', '; filename="f"')}`;
  const head = `POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=X\r\n`;
  t.is((await say(`${head}Content-Length: ${body.length}\r\n\r\n${body}`))?.status, 400);
  t.is((await say('GET /versions HTTP/1.1\r\nHost: x\r\n\r\n'))?.status, 200);
});

test.serial('what is left of a body is never read as a request', async (t) => {
  const connection = await RawConnection.open(server.port);
  const smuggled = 'GET /v1/images/SMUGGLED HTTP/1.1\r\nA: ';
  await connection.send(
    Buffer.from(`POST /v2/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n`),
  );
  t.is((await connection.answer())?.status, 404);
  await connection.send(Buffer.from(`${smuggled}FOO /x HTTP/1.1\r\nHost: a\r\n\r\n`));
  const answer = await connection.answer();
  connection.close();
  t.is(answer?.status, 400);
  t.notRegex(answer?.body.toString() ?? '', /SMUGGLED/);
});

test.serial('a host that is none is not repeated', async (t) => {
  const seen = async (host: string) => (await say(`GET /v1 HTTP/1.1\r\n${host}\r\n`))?.headers.get('location');
  for (const host of ['evil"><script>', 'images.example.org/evil', 'a b', 'x\xff', '']) {
    t.is(await seen(`Host: ${host}\r\n`), `http://127.0.0.1:${server.port}/v1/`, host);
  }
  t.is(await seen('Host: images.example.org:9292\r\n'), 'http://images.example.org:9292/v1/');
});
