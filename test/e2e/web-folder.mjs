// node web-folder.mjs PORT FOLDER: the files of a folder as a web server gives them, sizes included.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const [port, folder] = process.argv.slice(2);
createServer((request, response) => {
  const path = join(folder, basename(request.url));
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (size === undefined) return response.writeHead(404).end();
  response.writeHead(200, { 'content-length': size });
  return request.method === 'HEAD' ? response.end() : createReadStream(path).pipe(response);
}).listen(Number(port), '127.0.0.1');
