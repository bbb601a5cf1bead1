#!/bin/bash
# Tempest's image tests, v2 and v1, against a server behind a real Keystone: those that pass on a real Glance must pass here.
# Needs: python3-tempest, python3-stestr; the folder CONFORMANCE_DIR, and the one of a Keystone that it started, KEYSTONE_DIR.
# The rules are the older ones, as in the Glance that the expectations come from: the new ones let only administrators take locations away.
source "$(dirname "$0")/rig.sh"
: "${CONFORMANCE_DIR:?has no run-tempest}" "${KEYSTONE_DIR:?names the folder of no Keystone}"
auth_url=$(sed -n 's/^export OS_AUTH_URL=//p' "$KEYSTONE_DIR/openrc-admin")
password=$(sed -n 's/^export OS_PASSWORD=//p' "$KEYSTONE_DIR/openrc-admin")
port=$(free_port)
start server "$port" <<END
[DEFAULT]
enabled_backends = file1:file, file2:file, web:http
show_multiple_locations = True
show_image_direct_url = True
[glance_store]
default_backend = file1
[file1]
filesystem_store_datadir = $work/file1
[file2]
filesystem_store_datadir = $work/file2
[import_filtering_opts]
allowed_hosts = 127.0.0.1
allowed_ports =
[oslo_policy]
enforce_new_defaults = False
[paste_deploy]
flavor = keystone
config_file = $root/test/support/glance-api-paste.ini
[keystone_authtoken]
auth_url = $auth_url
username = glance
password = $password
project_name = service
END
for api in v2 v1; do
  options=()
  if [ "$api" = v1 ]; then options=(--no-import --no-cache); fi
  # Its own verdict counts everything; the comparison tells what is for later.
  "$CONFORMANCE_DIR/run-tempest" --keystone "$KEYSTONE_DIR" --api "$api" --locations "${options[@]}" --dir "$work/$api" \
    --results "$work/$api.json" "http://127.0.0.1:$port" > "$work/tempest-$api.log" 2>&1 || true
  node "$root/test/e2e/tempest-compare.mjs" "$CONFORMANCE_DIR/expect/tempest-$api.txt" "$root/test/e2e/tempest-later.txt" "$work/$api.json" ||
    fail "Tempest $api"
done
