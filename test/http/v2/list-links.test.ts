import test from 'ava';
import { queryParameters } from '../../../src/http/request-path.js';
import { listLinks } from '../../../src/http/v2/list-links.js';
import { LIST_LINKS } from './list-answers.js';

const links = (query: string, last?: string) => listLinks('/v2/images', queryParameters(`/v2/images?${query}`), last);

test('the first page is linked as Glance does', (t) => {
  for (const [query, first] of LIST_LINKS) t.deepEqual(links(query), { first: `/v2/images${first}` }, query);
});

test('the next page begins after the last image of this one', (t) => {
  t.deepEqual(links('marker=old&limit=1&sort=name:asc', 'new'), {
    first: '/v2/images?limit=1&sort=name%3Aasc',
    next: '/v2/images?limit=1&sort=name%3Aasc&marker=new',
  });
  t.deepEqual(links('', 'new'), { first: '/v2/images', next: '/v2/images?marker=new' });
});

test('repeated parameters are kept, in their order', (t) => {
  const query = 'tag=b&sort_key=name&tag=a&sort_key=size&sort_dir=asc';
  t.deepEqual(links(query, 'x'), { first: `/v2/images?${query}`, next: `/v2/images?${query}&marker=x` });
});

test('what a link holds reads back as it was', (t) => {
  const query = "a=~!*()'/@$;&b=%F0%9F%98%80+x%2By&=z&c";
  const again = listLinks('/v2/images', queryParameters(`/?${query}`), undefined).first;
  t.is(again, '/v2/images?a=~%21%2A%28%29%27%2F%40%24%3B&b=%F0%9F%98%80+x%2By&=z&c=');
  t.deepEqual(queryParameters(again), queryParameters(`/?${query}`));
});
