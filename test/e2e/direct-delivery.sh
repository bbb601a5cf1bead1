#!/bin/bash
# Bytes that do not go through the server: sent by nginx in front of it, or by S3 and Swift at a signed URL.
# S3 and Swift are those of TEST_S3_URL and TEST_SWIFT_AUTH_URL. Needs: nginx-light, curl.
source "$(dirname "$0")/rig.sh"
: "${TEST_S3_URL:?names no S3 service}" "${TEST_S3_ACCESS_KEY:?}" "${TEST_S3_SECRET_KEY:?}"
: "${TEST_SWIFT_AUTH_URL:?names no Swift}" "${TEST_SWIFT_USER:?}" "${TEST_SWIFT_KEY:?}"

head -c 25000001 /dev/urandom > "$work/disk.raw"
md5=$(md5sum < "$work/disk.raw" | cut -d ' ' -f 1)
json() { node -p "JSON.parse(require('fs').readFileSync(0)).$1"; }
# put URL STORE: an image of the file in a store; prints its id.
put() {
  local id
  id=$(curl -sSf -H 'Content-Type: application/json' -d '{"name": "direct", "disk_format": "raw", "container_format": "bare"}' "$1/v2/images" | json id)
  curl -sSf -H 'Content-Type: application/octet-stream' -H "X-Image-Meta-Store: $2" -T "$work/disk.raw" "$1/v2/images/$id/file"
  echo "$id"
}
# fetched WHAT CURL-ARGUMENTS...: the whole file, as it was uploaded.
fetched() {
  local what=$1
  shift
  curl -sSf -D "$work/head" -o "$work/out" "$@" || fail "$what: not fetched"
  cmp "$work/disk.raw" "$work/out" || fail "$what: other bytes came"
}
header() { tr -d '\r' < "$work/head" | sed -n "s/^$1: //Ip" | tail -n 1; }

echo '1. nginx sends the files of a filesystem store'
api_port=$(free_port)
start api "$api_port" <<END
accel_redirect_prefix = /stored
[glance_store]
filesystem_store_datadir = $work/images
[oslo_middleware]
enable_proxy_headers_parsing = True
[paste_deploy]
flavor =
END
nginx_port=$(free_port)
# The sample, on this machine's ports and folders.
{
  printf '%s\n' 'daemon off;' 'worker_processes 1;' "pid $work/nginx.pid;" "error_log $work/nginx.log;" 'events {}' 'http {' \
    'access_log off;' "client_body_temp_path $work/body;" "proxy_temp_path $work/proxy;" "fastcgi_temp_path $work/f;" "uwsgi_temp_path $work/u;" "scgi_temp_path $work/s;"
  sed -e "s/127.0.0.1:9292/127.0.0.1:$api_port/; s/listen 8080/listen 127.0.0.1:$nginx_port/; s#/var/lib/glance/images/#$work/images/#g" "$root/etc/nginx/glance-api.conf"
  echo '}'
} > "$work/nginx.conf"
chmod 755 "$work"
sed -i '1i user root;' "$work/nginx.conf"
nginx -c "$work/nginx.conf" > "$work/nginx.out.log" 2>&1 &
running+=($!)
await "$nginx_port"
through=http://127.0.0.1:$nginx_port
id=$(put "$through" file)
fetched 'through nginx' "$through/v2/images/$id/file"
same "$(header content-md5)" "$md5" 'Content-MD5 through nginx'
same "$(header etag)" "\"$md5\"" 'ETag through nginx'
same "$(header x-accel-redirect)" '' 'the path of the file, as the client is told it'
curl -sSf -r 100-199 -D "$work/head" -o "$work/part" "$through/v2/images/$id/file"
cmp "$work/part" <(tail -c +101 "$work/disk.raw" | head -c 100) || fail 'a range through nginx'
same "$(head -n 1 "$work/head" | cut -d ' ' -f 2)" 206 'the status of a range through nginx'
fetched 'API v1 through nginx' "$through/v1/images/$id"
curl -sS -D "$work/head" -o "$work/part" "http://127.0.0.1:$api_port/v2/images/$id/file"
same "$(header x-accel-redirect)" "/stored$work/images/$id" 'what the server tells nginx'
same "$(stat -c %s "$work/part")" 0 'bytes that went through the server'
same "$(curl -s -o /dev/null -w '%{http_code}' "$through/stored$work/images/$id")" 404 'the internal location, from outside'

echo '2. S3 and Swift give the bytes away at signed URLs'
signed_port=$(free_port)
start signed "$signed_port" <<END
direct_download_seconds = 60
[DEFAULT]
enabled_backends = cheap:s3, big:swift
[glance_store]
default_backend = cheap
[cheap]
s3_store_host = $TEST_S3_URL
s3_store_access_key = $TEST_S3_ACCESS_KEY
s3_store_secret_key = $TEST_S3_SECRET_KEY
s3_store_bucket = direct-$$
s3_store_create_bucket_on_put = True
[big]
swift_store_auth_address = $TEST_SWIFT_AUTH_URL
swift_store_auth_version = 1
swift_store_user = $TEST_SWIFT_USER
swift_store_key = $TEST_SWIFT_KEY
swift_store_container = direct-swift-$$
swift_store_create_container_on_put = True
swift_store_large_object_size = 10
swift_store_large_object_chunk_size = 4
swift_store_temp_url_key = a key of these tests
[paste_deploy]
flavor =
END
signed=http://127.0.0.1:$signed_port
for store in cheap big; do
  id=$(put "$signed" "$store")
  curl -sS -D "$work/head" -o "$work/part" "$signed/v2/images/$id/file"
  same "$(head -n 1 "$work/head" | cut -d ' ' -f 2)" 302 "$store: the status of a download"
  same "$(stat -c %s "$work/part")" 0 "$store: bytes that went through the server"
  same "$(header content-md5)" "$md5" "$store: Content-MD5 of the redirect"
  case $(header location) in "$TEST_S3_URL"/*) ;; *) fail "$store: sent to $(header location)" ;; esac
  case $(header location) in *"$TEST_S3_SECRET_KEY"*) fail "$store: the secret key is in the URL" ;; esac
  fetched "$store: from where it was sent" -L "$signed/v2/images/$id/file"
  curl -sSfL -r 10485000-10490000 -o "$work/part" "$signed/v2/images/$id/file"
  cmp "$work/part" <(tail -c +10485001 "$work/disk.raw" | head -c 5001) || fail "$store: another part came"
  fetched "$store: with a token, through the server" -H 'X-Auth-Token: secret' "$signed/v2/images/$id/file"
  same "$(head -n 1 "$work/head" | cut -d ' ' -f 2)" 200 "$store: the status of a download with a token"
  curl -sSf -X DELETE "$signed/v2/images/$id"
done
echo 'nginx, S3 and Swift sent the very bytes, and no token went with them'
