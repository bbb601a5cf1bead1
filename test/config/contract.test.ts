import test from 'ava';
import { machine } from './temp-config.js';

/** What test suites and deployments of Glance write into every file. */
const EVERYONE = `[DEFAULT]
debug = True
default_log_levels = eventlet.wsgi.server=DEBUG
bind_host = 127.0.0.1
bind_port = 19292
metadata_encryption_key = 012345678901234567890123456789ab
registry_host = 127.0.0.1
registry_port = 19191
use_user_token = True
send_identity_credentials = False
send_identity_headers = True
log_file = api.log
image_size_cap = 1099511627776
delayed_delete = False
scrub_time = 5
image_cache_dir = cache
image_cache_driver = sqlite
data_api = glance.db.sqlalchemy.api
sql_connection = sqlite:////tmp/tests.sqlite
show_image_direct_url = False
show_multiple_locations = False
user_storage_quota = 0
lock_path = lock
property_protection_file =
property_protection_rule_format = roles
image_member_quota = 10
image_property_quota = 10
image_tag_quota = 10
image_location_quota = 2
location_strategy = location_order
allow_additional_image_properties = True
workers = 0
[oslo_policy]
policy_file = policy.yaml
policy_default_rule = default
enforce_new_defaults = False
[paste_deploy]
flavor =
[store_type_location_strategy]
store_type_preference =
[import_filtering_opts]
allowed_hosts = []
allowed_ports = []
`;

test('a file for one store is read without a word', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    `${EVERYONE}[DEFAULT]\nnode_staging_uri = file:///tmp/staging\nenforce_secure_rbac = False\nenable_v1_api = True\n
[glance_store]\nstores = file,http\nfilesystem_store_datadir = /tmp/images\ndefault_store = file\n`,
  );
  const { values, warnings } = here.load({ files: [file] });
  t.deepEqual(warnings, []);
  t.is(values.database.connection, 'sqlite:////tmp/tests.sqlite');
  t.deepEqual(values.import_filtering_opts.allowed_ports, []);
  t.is(values.paste_deploy.flavor, null);
  t.is(values.DEFAULT.property_protection_file, null);
  t.deepEqual([values.DEFAULT.image_member_quota, values.DEFAULT.user_storage_quota], [10, 0]);
});

test('a file for several stores is read without a word', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    `${EVERYONE}[DEFAULT]\nenabled_backends = file1:file,file2:file,file3:file\n[glance_store]\ndefault_backend = file1\n
[file1]\nfilesystem_store_datadir = /tmp/images_1\n[file2]\nfilesystem_store_datadir = /tmp/images_2\n[file3]\nfilesystem_store_datadir = /tmp/images_3\n
[os_glance_staging_store]\nfilesystem_store_datadir = /tmp/staging\n[os_glance_tasks_store]\nfilesystem_store_datadir = /tmp/tasks\n`,
  );
  const { backends, warnings } = here.load({ files: [file] });
  t.deepEqual(warnings, []);
  t.deepEqual(
    backends.map(({ id, type, options }) => [id, type, options.filesystem_store_datadir]),
    [
      ['file1', 'file', '/tmp/images_1'],
      ['file2', 'file', '/tmp/images_2'],
      ['file3', 'file', '/tmp/images_3'],
    ],
  );
});
