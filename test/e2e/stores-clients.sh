#!/bin/bash
# What a user does with several stores and the real clients: upload to a named one, list them, delete from one, download from what is left.
# S3 and Swift are those of TEST_S3_URL and TEST_SWIFT_AUTH_URL; both belong to one Swift with its S3 interface.
# Needs: python3-openstackclient, python3-glanceclient 4.1, curl.
source "$(dirname "$0")/rig.sh"
: "${TEST_S3_URL:?names no S3 service}" "${TEST_S3_ACCESS_KEY:?}" "${TEST_S3_SECRET_KEY:?}"
: "${TEST_SWIFT_AUTH_URL:?names no Swift}" "${TEST_SWIFT_USER:?}" "${TEST_SWIFT_KEY:?}"

web_port=$(free_port)
# stores DEFAULT: the options of a server with a store of every kind.
stores() {
  cat <<END
[DEFAULT]
enabled_backends = fast:file, cheap:s3, big:swift, web:http
show_multiple_locations = True
[glance_store]
default_backend = $1
[fast]
filesystem_store_datadir = $work/fast
store_description = Local disks
[cheap]
s3_store_host = $TEST_S3_URL
s3_store_access_key = $TEST_S3_ACCESS_KEY
s3_store_secret_key = $TEST_S3_SECRET_KEY
s3_store_bucket = clients-$$
s3_store_create_bucket_on_put = True
s3_store_large_object_size = 10
weight = 5
[big]
swift_store_auth_address = $TEST_SWIFT_AUTH_URL
swift_store_auth_version = 1
swift_store_user = $TEST_SWIFT_USER
swift_store_key = $TEST_SWIFT_KEY
swift_store_container = clients-$$
swift_store_create_container_on_put = True
swift_store_large_object_size = 10
swift_store_large_object_chunk_size = 4
[import_filtering_opts]
allowed_hosts = 127.0.0.1
allowed_ports =
[paste_deploy]
END
}
port=$(free_port)
start server "$port" <<END
$(stores fast)
flavor = fakeauth
config_file = $root/test/support/glance-api-paste.ini
END
url=http://127.0.0.1:$port
head -c 25000001 /dev/urandom > "$work/disk.raw"
(cd "$work" && exec node "$root/test/e2e/web-folder.mjs" "$web_port" "$work") > "$work/web.log" 2>&1 &
running+=($!)
await "$web_port"

admin() { run glance --os-image-api-version 2 --os-image-url "$url" --os-auth-token root:tenant-a:admin "$@"; }
get() { curl --silent --show-error --fail --header 'X-Auth-Token: root:tenant-a:admin' "$@"; }
# This client cannot name a store: what it uploads goes to the default one of the server that it speaks to.
openstack_image() { run openstack --os-auth-type none --os-endpoint "http://127.0.0.1:$open_port" image "$@"; }
stores_of() { admin image-show "$1" < /dev/ptmx | field stores; }

echo '1. the stores, as clients list them'
admin stores-info --detail < /dev/ptmx > "$work/shown"
for store in fast cheap big web; do
  grep -q "$store" "$work/shown" || fail "stores-info does not show $store"
done
same "$(get "$url/v2/info/stores" | node -p 'JSON.parse(require("fs").readFileSync(0)).stores.map((s) => s.id + (s.default ? "*" : "") + (s["read-only"] ? "!" : "")).join()')" \
  'fast*,cheap,big,web!' 'stores of /v2/info/stores'

for store in fast cheap big; do
  echo "2. $store: upload with each client, download, delete"
  id=$(admin image-create --name "$store" --disk-format raw --container-format bare --store "$store" --file "$work/disk.raw" | field id)
  same "$(stores_of "$id")" "$store" 'glance: the store of the image'
  admin image-download --file "$work/out" "$id"
  cmp "$work/disk.raw" "$work/out" || fail "$store: other bytes came back"
  get --range 10485000-10490000 --output "$work/part" "$url/v2/images/$id/file"
  cmp "$work/part" <(tail -c +10485001 "$work/disk.raw" | head -c 5001) || fail "$store: another part came back"

  echo "3. $store: a second place, and the first one goes"
  admin location-add --url "http://127.0.0.1:$web_port/disk.raw" "$id" > "$work/shown"
  first=$store,web
  same "$(stores_of "$id")" "$first" 'stores of an image in two places'
  run admin stores-delete --store "$store" "$id"
  same "$(stores_of "$id")" web 'stores of an image after one was emptied'
  admin image-download --file "$work/out" "$id"
  cmp "$work/disk.raw" "$work/out" || fail "other bytes came back from what is left"
  refused admin stores-delete --store web "$id"
  admin image-delete "$id"

  open_port=$(free_port)
  start "open-$store" "$open_port" <<END
$(stores "$store")
flavor =
END
  name=by-openstack-$store
  openstack_image create --disk-format raw --container-format bare --file "$work/disk.raw" "$name" < /dev/ptmx > /dev/null
  openstack_image show "$name" -f json > "$work/shown"
  grep -q "\"stores\": \"$store\"" "$work/shown" || fail "openstack: the store of $name: $(cat "$work/shown")"
  openstack_image save --file "$work/out" "$name"
  cmp "$work/disk.raw" "$work/out" || fail "openstack: other bytes came back"
  openstack_image delete "$name"
done
refused admin image-create --name none --disk-format raw --container-format bare --store web --file "$work/disk.raw"
refused admin image-create --name none --disk-format raw --container-format bare --store nowhere --file "$work/disk.raw"
echo 'both clients put images into named stores, took them out of one and read them from what was left'
