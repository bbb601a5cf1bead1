import { createGuardedFetch } from '../../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../../src/net/url-rules.js';
import { createHttpStore } from '../../../stores/http/http-store.js';
import { readableStoreSuite } from '../../suites/store-reads.js';
import { webServer } from '../../suites/store-web-server.js';
import { type Habit, habits, ranged, whole } from './http-source.js';

for (const [name, serve] of [
  ['http', ranged],
  ['http without ranges', whole],
] as const) {
  readableStoreSuite(name, async () => {
    const pages = new Map<string, Habit>();
    const { listener, unread } = habits((path) => pages.get(path));
    const server = await webServer(listener);
    const rules = { ...DEFAULT_URL_RULES, allowedHosts: ['127.0.0.1'], allowedPorts: [] };
    const store = createHttpStore(createGuardedFetch(rules));
    return {
      store,
      partBytes: 65_536,
      absent: `${server.url}/absent`,
      async place(bytes) {
        const path = `/${pages.size}`;
        pages.set(path, serve(Buffer.from(bytes)));
        return server.url + path;
      },
      leftovers: unread,
      async dispose() {
        await store.close();
        await server.idle();
        await server.close();
      },
    };
  });
}
