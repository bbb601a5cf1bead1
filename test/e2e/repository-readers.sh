#!/bin/bash
# A published repository as others read it: coreutils, gpgv, minisign, a shell loop in the manner of 2012, rsync, rclone and aria2c,
# from the folder and through nginx. Needs: curl, gpg, gpgv, minisign, nginx, rsync, rclone, aria2, qemu-img, awk, xz, zstd, bzip2.
source "$(dirname "$0")/rig.sh"
unset "${!RCLONE_@}"
glimpse() { node "$root/dist/src/main.js" "$@"; }
get() { curl --max-time 120 --silent --show-error --fail "$@"; }

port=$(free_port)
web=$(free_port)
repository=$work/repository
start server "$port" <<END
[glance_store]
filesystem_store_datadir = $work/images
[publish]
target = $repository
sets = all,stable
base_url = http://127.0.0.1:$web/
domain = images.example.org
publisher = Readers of others
openpgp_keys = $work/keys/openpgp.sec.asc
minisign_keys = $work/keys/minisign.key
[publish:all]
compression = gzip,none
[publish:stable]
tags = stable
compression = gzip,xz,zstd,bzip2
END
url=http://127.0.0.1:$port

echo '1. keys'
mkdir -m 700 "$work/keys"
glimpse publish keys generate --kind openpgp --dir "$work/keys" --name 'Images <images@example.org>' --expires 30 > /dev/null
glimpse publish keys generate --kind minisign --dir "$work/keys" > /dev/null
mv "$work"/keys/openpgp-*.sec.asc "$work/keys/openpgp.sec.asc"
mv "$work"/keys/minisign-*.key "$work/keys/minisign.key"
mv "$work"/keys/minisign-*.pub "$work/keys/minisign.pub"
same "$(find "$work/keys" -name '*.key' -perm 600 -o -name '*.sec.asc' -perm 600 | wc -l)" 2 'secret keys that nobody else reads'

echo '2. images'
# make NAME FORMAT FILE [HEADER...]: a public image.
make() {
  local name=$1 format=$2 file=$3
  shift 3
  get -X POST -H "x-image-meta-name: $name" -H "x-image-meta-disk_format: $format" -H 'x-image-meta-container_format: bare' \
    -H 'x-image-meta-is_public: True' "$@" -H 'content-type: application/octet-stream' -H 'expect:' -T "$file" "$url/v1/images" \
    | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p'
}
{ head -c 3000000 /dev/urandom; head -c 5000000 /dev/zero; } > "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
printf 'small' > "$work/small.raw"
make 'Debian 12' qcow2 "$work/disk.qcow2" -H 'x-image-meta-property-os_distro: debian' -H 'x-image-meta-property-os_version: 12' \
  -H 'x-image-meta-property-architecture: x86_64' > /dev/null
make 'Ubuntu "24.04"; rm -rf / <noble>' raw "$work/disk.raw" > /dev/null
twin=$(make 'the same bytes' raw "$work/disk.raw")
small=$(make 'small' raw "$work/small.raw")
get -X PUT "$url/v2/images/$small/tags/stable" > /dev/null
make 'private' raw "$work/small.raw" -H 'x-image-meta-is_public: False' > /dev/null

echo '3. publish'
glimpse publish --config-file "$work/server.conf" --no-progress > "$work/publish.log"
if grep -rq private "$repository/md5sum"; then fail 'a private image is published'; fi

echo '4. coreutils, in the folder and in the generation'
for folder in "$repository" "$repository/current"; do
  cd "$folder"
  md5sum --check --strict --quiet md5sum
  sha256sum --check --strict --quiet SHA256SUMS
  sha512sum --check --strict --quiet SHA512SUMS
  for list in sets/*.md5sum; do md5sum --check --strict --quiet "$list"; done
  for list in sets/*SHA256SUMS; do sha256sum --check --strict --quiet "$list"; done
  for list in sets/*SHA512SUMS; do sha512sum --check --strict --quiet "$list"; done
  while read -r list; do (cd "$(dirname "$list")" && sha256sum --check --strict --quiet SHA256SUMS); done < <(find -L images -name SHA256SUMS)
done
head -n 1 "$repository/md5sum" | grep -q '\.properties$' || fail 'the first line of md5sum is no .properties file'
[ "$(grep -c '\.properties$' "$repository/md5sum")" = 4 ] || fail 'there are not four .properties files'

echo '5. gpgv and minisign'
cd "$repository"
gpg --quiet --batch --import pubkey.asc 2> "$work/gpg.log"
gpg --quiet --batch --export > "$work/keyring.gpg"
for list in SHA256SUMS SHA512SUMS; do
  gpgv --quiet --keyring "$work/keyring.gpg" "$list.gpg" "$list" 2> "$work/gpg.log" || fail "gpgv refuses $list.gpg"
  gpgv --quiet --keyring "$work/keyring.gpg" --output "$work/payload" "$list.asc" 2> "$work/gpg.log" || fail "gpgv refuses $list.asc"
  cmp "$work/payload" "$list" || fail "$list.asc holds other bytes"
  rm "$work/payload"
  minisign -V -q -p minisign.pub -m "$list" || fail "minisign refuses $list"
  minisign -V -q -p "$work/keys/minisign.pub" -m "$list" || fail "minisign refuses $list by the key itself"
done
gpgv --quiet --keyring "$work/keyring.gpg" --output "$work/payload" md5sum.asc 2> "$work/gpg.log"
cmp "$work/payload" md5sum
for list in streams/v1/*.sjson; do
  gpgv --quiet --keyring "$work/keyring.gpg" --output "$work/$(basename "$list")" "$list" 2> "$work/gpg.log" || fail "gpgv refuses $list"
  python3 -m json.tool "$work/$(basename "$list")" > /dev/null
done
for list in streams/v1/*.json; do
  gpgv --quiet --keyring "$work/keyring.gpg" "$list.gpg" "$list" 2> "$work/gpg.log" || fail "gpgv refuses $list.gpg"
done
cp SHA256SUMS "$work/forged"
echo "$(printf '0%.0s' $(seq 64))  images/evil" >> "$work/forged"
refused gpgv --keyring "$work/keyring.gpg" SHA256SUMS.gpg "$work/forged"
refused minisign -V -q -p minisign.pub -x SHA256SUMS.minisig -m "$work/forged"

echo '6. identical bytes are there once'
mapfile -t gzips < <(find "$repository/current/" -path '*images*' -name '*.gz' -printf '%s %i\n' | sort -u)
mapfile -t paths < <(find "$repository/current/" -path '*images*' -name '*.gz' -printf '%p\n')
[ "${#gzips[@]}" -lt "${#paths[@]}" ] || fail "each of ${#paths[@]} files has bytes of its own"

echo '7. nginx, by the sample of etc/nginx'
mkdir -p "$work/nginx"
sed -e "s|/srv/repository|$repository|g" -e "s|listen [^;]*;|listen 127.0.0.1:$web;|" "$root/etc/nginx/repository.conf" > "$work/nginx/site.conf"
cat > "$work/nginx/nginx.conf" <<END
daemon off;
pid $work/nginx/pid;
error_log $work/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy; fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi; scgi_temp_path $work/nginx/scgi;
  include site.conf;
}
END
chmod 755 "$work"
if [ "$(id -u)" = 0 ]; then sed -i '1i user root;' "$work/nginx/nginx.conf"; fi
nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" 2> "$work/nginx.log" &
running+=($!)
await "$web"
site=http://127.0.0.1:$web
get "$site/" > "$work/page"
grep -q 'Debian 12' "$work/page" || fail 'the page does not name the image'
get "$site/feed.xml" | python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.stdin)'

echo '8. a shell loop in the manner of 2012: awk, curl and gunzip'
mkdir "$work/loop"
get "$site/md5sum" | awk '/properties/ {print $2}' > "$work/loop/names"
count=0
while read -r name; do
  get "$site/$name" > "$work/loop/properties"
  md5=$(get "$site/md5sum" | awk -v name="$name" '$2 == name {print $1}')
  same "$(md5sum < "$work/loop/properties" | awk '{print $1}')" "$md5" "the hash of $name"
  value() { awk -F= -v key="org.openstack.sync__1__$1" '$1 == key {sub(/^[^=]*=/, ""); print}' "$work/loop/properties"; }
  get "$site/$(dirname "$name")/$(value image)" | gunzip > "$work/loop/image"
  same "$(md5sum < "$work/loop/image" | awk '{print $1}')" "$(value checksum)" "the checksum of $name"
  same "$(stat -c %s "$work/loop/image")" "$(value size)" "the size of $name"
  count=$((count + 1))
done < "$work/loop/names"
same "$count" 4 'images read by the loop'

echo '9. simplestreams, read through .sjson only, every path with its size and hash'
python3 - "$site" "$work" <<'END'
import hashlib, json, sys, urllib.request
site, work = sys.argv[1:]
def fetch(path):
    return urllib.request.urlopen(f'{site}/{path}').read()
def clear(path):
    body = fetch(path).decode()
    text = body.split('\n\n', 1)[1].split('-----BEGIN PGP SIGNATURE', 1)[0]
    return json.loads('\n'.join(line[2:] if line.startswith('- ') else line for line in text.split('\n')))
items = 0
for content in clear('streams/v1/index.sjson')['index'].values():
    assert content['format'] == 'products:1.0' and content['path'].endswith('.sjson'), content
    for product in clear(content['path'])['products'].values():
        for version in product['versions'].values():
            for item in version['items'].values():
                data = fetch(item['path'])
                assert len(data) == item['size'], item
                for name in ('md5', 'sha256', 'sha512'):
                    assert hashlib.new(name, data).hexdigest() == item[name], item
                items += 1
assert items >= 8, items
END

echo '10. the other encodings'
for pair in xz:.xz zstd:.zst bzip2:.bz2; do
  file=$(find -L "$repository/images" -name "*${pair#*:}" | head -n 1)
  [ -n "$file" ] || fail "there is no file *${pair#*:}"
  "${pair%:*}" -dc "$file" | cmp - "$work/small.raw" || fail "$file holds other bytes"
done

echo '11. rsync in two passes, rclone, aria2c with the Metalink file'
rsync --archive --hard-links --exclude '/*SUMS*' --exclude '/md5sum*' --exclude /streams --exclude /sets "$repository/current/" "$work/by-rsync/"
rsync --archive --hard-links --delete-after --delay-updates "$repository/current/" "$work/by-rsync/"
(cd "$work/by-rsync" && sha256sum --check --strict --quiet SHA256SUMS)
rclone --config "$work/rclone.conf" --quiet copy --immutable "$repository/current/images" "$work/by-rclone/images" 2> "$work/rclone.log"
rclone --config "$work/rclone.conf" --quiet sync "$repository/current" "$work/by-rclone" 2> "$work/rclone.log"
(cd "$work/by-rclone" && sha512sum --check --strict --quiet SHA512SUMS)
metalink=$(find -L "$repository/images" -path '*debian*' -name '*.meta4' | head -n 1)
[ -n "$metalink" ] || fail 'there is no Metalink file'
aria2c --quiet --no-conf --dir "$work/by-aria2c" --metalink-file="$metalink" > "$work/aria2c.log"
[ -n "$(ls "$work/by-aria2c")" ] || fail 'aria2c read nothing'
for file in "$work"/by-aria2c/*; do cmp "$file" "$(dirname "$metalink")/$(basename "$file")" || fail 'aria2c read other bytes'; done

echo '12. again: nothing changes; a deleted image leaves the lists, and its files stay for readers of the old ones'
before=$(readlink "$repository/current")
cp "$repository/current/SHA256SUMS" "$work/old"
glimpse publish --config-file "$work/server.conf" --no-progress > "$work/publish.log"
same "$(readlink "$repository/current")" "$before" 'the generation when nothing changed'
get -X DELETE "$url/v2/images/$twin"
glimpse publish --config-file "$work/server.conf" --no-progress > "$work/publish.log"
[ "$(readlink "$repository/current")" != "$before" ] || fail 'no new generation without the deleted image'
(cd "$repository" && sha256sum --check --strict --quiet SHA256SUMS && sha256sum --check --strict --quiet "$work/old")
[ "$(grep -c '\.properties$' "$repository/md5sum")" = 3 ] || fail 'the deleted image is in the list'
glimpse publish --config-file "$work/server.conf" --no-progress --verify > "$work/publish.log"
printf x >> "$(find -L "$repository/images" -name '*.qcow2.gz' | head -n 1)"
refused glimpse publish --config-file "$work/server.conf" --no-progress --verify
echo 'everybody read what was published, bit for bit'
