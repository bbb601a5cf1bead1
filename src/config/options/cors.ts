import { boolean, integer, list } from '../option.js';

/** [cors]: which web pages may call the API from a browser, as oslo.middleware's filter reads it; the defaults are Glance's and what Horizon sends with an upload. */
export const CORS_OPTIONS = {
  allowed_origin: list(
    'Origins whose pages may call the API, such as https://horizon.example.com, without a trailing slash; * is any origin.',
    [],
  ),
  allow_credentials: boolean('Pages may send credentials along.', true),
  expose_headers: list('Headers of answers that pages may read.', [
    'X-Image-Meta-Checksum',
    'X-Auth-Token',
    'X-Subject-Token',
    'X-Service-Token',
    'X-OpenStack-Request-ID',
  ]),
  max_age: integer('Seconds for which a browser may remember what it was allowed; 0 leaves it to the browser.', 3600, {
    min: 0,
  }),
  allow_methods: list('Methods that pages may use.', ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']),
  allow_headers: list('Headers that pages may send, beside those that every API takes.', [
    'Content-MD5',
    'X-Image-Meta-Checksum',
    'X-Storage-Token',
    'Accept-Encoding',
    'X-Auth-Token',
    'X-Identity-Status',
    'X-Roles',
    'X-Service-Catalog',
    'X-User-Id',
    'X-Tenant-Id',
    'X-OpenStack-Request-ID',
    'X-Image-Meta-Store',
    'X-OpenStack-Image-Size',
  ]),
} as const;
