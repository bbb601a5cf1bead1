#!/bin/bash
# What others see in the bucket: s3cmd and rclone read back the very bytes that were uploaded through the server, and the server takes
# as its own what they see. The service is that of TEST_S3_URL. Needs: s3cmd, rclone, curl.
source "$(dirname "$0")/rig.sh"
: "${TEST_S3_URL:?names no S3 service}" "${TEST_S3_ACCESS_KEY:?}" "${TEST_S3_SECRET_KEY:?}"
# Settings for other S3 services stay out of it.
unset "${!AWS_@}" "${!RCLONE_@}"
bucket=tools-$$

port=$(free_port)
start server "$port" <<END
[glance_store]
stores = file,s3
default_store = s3
filesystem_store_datadir = $work/files
s3_store_host = $TEST_S3_URL
s3_store_access_key = $TEST_S3_ACCESS_KEY
s3_store_secret_key = $TEST_S3_SECRET_KEY
s3_store_bucket = $bucket
s3_store_create_bucket_on_put = True
s3_store_large_object_size = 20
s3_store_large_object_chunk_size = 5
END
url=http://127.0.0.1:$port
host=${TEST_S3_URL#*://}
secure=False
[ "${TEST_S3_URL%%:*}" = https ] && secure=True
cat > "$work/s3cfg" <<END
[default]
access_key = $TEST_S3_ACCESS_KEY
secret_key = $TEST_S3_SECRET_KEY
host_base = $host
host_bucket = $host
use_https = $secure
END
cat > "$work/rclone.conf" <<END
[images]
type = s3
provider = Other
endpoint = $TEST_S3_URL
access_key_id = $TEST_S3_ACCESS_KEY
secret_access_key = $TEST_S3_SECRET_KEY
END
by_s3cmd() { run s3cmd --config "$work/s3cfg" "$@"; }
by_rclone() { run rclone --config "$work/rclone.conf" "$@"; }
get() { curl --max-time 120 --silent --show-error --fail "$@"; }
# make FILE: a new image with the bytes of a file, or of the standard input for -; prints its id.
make() {
  get -X POST -H 'x-image-meta-name: tools' -H 'x-image-meta-disk_format: raw' -H 'x-image-meta-container_format: bare' \
    -H 'content-type: application/octet-stream' -H 'expect:' -T "$1" "$url/v1/images" | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p'
}

number=0
for size in 0 1 5242880 5242881 20000000 62914560 73400321; do
  for length in announced chunked; do
    # An announced body of no bytes is none in API v1.
    [ "$size $length" = '0 announced' ] && continue
    number=$((number + 1))
    head -c "$size" /dev/urandom > "$work/source"
    echo "$number. $size bytes, $length"
    if [ "$length" = chunked ]; then id=$(make - < "$work/source"); else id=$(make "$work/source"); fi
    [ -n "$id" ] || fail 'no image was made'
    rm -f "$work/by-s3cmd" "$work/by-rclone"
    by_s3cmd --no-progress get "s3://$bucket/$id" "$work/by-s3cmd" > /dev/null
    cmp "$work/source" "$work/by-s3cmd" || fail 's3cmd read other bytes'
    by_rclone copyto "images:$bucket/$id" "$work/by-rclone"
    # rclone makes no file of an object without bytes in some versions; the listing shows it.
    same "$(by_rclone lsf --format s "images:$bucket/$id")" "$size" 'the size that rclone shows'
    [ "$size" = 0 ] || cmp "$work/source" "$work/by-rclone" || fail 'rclone read other bytes'
    get "$url/v1/images/$id" | cmp "$work/source" || fail 'other bytes came back through the server'
    get -X DELETE "$url/v1/images/$id" > /dev/null
    same "$(by_rclone lsf "images:$bucket")" '' 'what is left in the bucket'
  done
done

echo "$((number + 1)). an upload that breaks off leaves nothing"
head -c 40000000 /dev/urandom > "$work/source"
{ cat "$work/source"; sleep 60; } | curl --silent -X POST -H 'x-image-meta-name: half' -H 'x-image-meta-disk_format: raw' \
  -H 'x-image-meta-container_format: bare' -H 'content-type: application/octet-stream' -T - "$url/v1/images" > /dev/null 2>&1 &
half=$!
unfinished() { by_s3cmd multipart "s3://$bucket" | grep -qE '[0-9a-f]{8}-[0-9a-f]{4}-'; }
for _ in $(seq 100); do
  unfinished && break
  sleep 0.1
done
unfinished || fail 'the upload was not seen'
kill "$half"
wait "$half" 2> /dev/null || true
for _ in $(seq 100); do
  unfinished || break
  sleep 0.1
done
if unfinished; then fail 'a multipart upload is left'; fi
same "$(by_rclone lsf "images:$bucket")" '' 'what is left in the bucket'
by_s3cmd rb "s3://$bucket" > /dev/null
echo 's3cmd and rclone read the very bytes that were uploaded, and nothing was left behind'
