#!/bin/bash
# What a user does with the current command line clients of API v2: every step against servers of its own.
# Needs: python3-openstackclient, python3-glanceclient 4.1, qemu-utils.
source "$(dirname "$0")/rig.sh"

open_port=$(free_port)
start open "$open_port" <<END
[glance_store]
filesystem_store_datadir = $work/open
[paste_deploy]
flavor =
END
shared_port=$(free_port)
start shared "$shared_port" <<END
[glance_store]
filesystem_store_datadir = $work/shared
[paste_deploy]
flavor = fakeauth
config_file = $root/test/support/glance-api-paste.ini
END

# The client asks an identity service for its project and where images are. This one hands out `user:project:role` tokens
# and keeps its list of projects to itself, which makes the client take the ids of projects as they are given.
identity_port=$(free_port)
cat > "$work/identity.js" <<'END'
const [port, images] = process.argv.slice(2);
const json = (res, status, body, headers) => res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
require('node:http').createServer(async (req, res) => {
  const origin = `http://127.0.0.1:${port}/v3`;
  if (req.url === '/v3' || req.url === '/v3/') {
    return json(res, 200, { version: { id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: origin }] } });
  }
  if (req.url !== '/v3/auth/tokens') return json(res, 403, { error: { code: 403, title: 'Forbidden', message: 'not for you' } });
  const parts = [];
  for await (const part of req) parts.push(part);
  const { identity, scope } = JSON.parse(Buffer.concat(parts)).auth;
  const { user } = identity.password;
  const domain = { id: 'default', name: 'Default' };
  const service = (type, url) => ({ type, name: type, id: type, endpoints: [{ id: type, interface: 'public', region: 'R', region_id: 'R', url }] });
  const token = {
    methods: ['password'], issued_at: new Date().toISOString(), expires_at: new Date(Date.now() + 3.6e6).toISOString(),
    user: { id: user.id, name: user.id, domain }, project: { id: scope.project.id, name: scope.project.id, domain },
    roles: [{ id: user.password, name: user.password }],
    catalog: [service('identity', origin), service('image', images)],
  };
  json(res, 201, { token }, { 'x-subject-token': `${user.id}:${scope.project.id}:${user.password}` });
}).listen(Number(port), '127.0.0.1');
END
node "$work/identity.js" "$identity_port" "http://127.0.0.1:$shared_port" > "$work/identity.log" 2>&1 &
running+=($!)
await "$identity_port"

image() { run openstack --os-auth-type none --os-endpoint "http://127.0.0.1:$open_port" image "$@"; }
member_of() {
  local user=$1 project=$2 role=$3
  shift 3
  run openstack --os-auth-type v3password --os-auth-url "http://127.0.0.1:$identity_port/v3" --os-user-id "$user" \
    --os-project-id "$project" --os-password "$role" image "$@"
}
owner() { member_of owner tenant-a admin "$@"; }
friend() { member_of friend tenant-b member "$@"; }
glance_as() {
  local token=$1
  shift
  run glance --os-image-api-version 2 --os-image-url "http://127.0.0.1:$shared_port" --os-auth-token "$token" "$@"
}
glance_owner() { glance_as owner:tenant-a:admin "$@"; }
glance_friend() { glance_as friend:tenant-b:member "$@"; }
# One attribute of an image, a custom property too.
attribute() { node -e 'const i = JSON.parse(require("fs").readFileSync(0)), v = i[process.argv[1]] ?? i.properties[process.argv[1]]; console.log(typeof v === "object" ? JSON.stringify(v) : v)' "$1"; }
# listed WHAT EXPECTED-NAMES OPTIONS...: the names in the order of the answer.
listed() {
  local what=$1 expected=$2
  shift 2
  same "$(image list -f value -c Name "$@" | tr '\n' ' ')" "$expected" "list $what"
}

head -c 3000000 /dev/urandom > "$work/disk.raw"
qemu-img create -q -f qcow2 "$work/disk.qcow2" 16M
raw_md5=$(md5sum < "$work/disk.raw" | cut -d ' ' -f 1)

# Two projects share on one server while one user works on the other: it halves the time on two cores.
sharing() {
  echo '7. share: add and remove a project, accept and reject'
  lent=$(owner create --shared lent --property purpose=lending -f value -c id < "$work/disk.raw")
  same "$(owner show lent -f value -c owner)" tenant-a 'the owner'
  refused friend show "$lent"
  same "$(owner add project lent tenant-b -f value -c member_id -c status | tr '\n' ' ')" 'tenant-b pending ' 'add project'
  same "$(owner member list lent -f value)" "$lent tenant-b pending" 'member list'
  same "$(friend list -f value -c Name)" '' 'list of a member that has not accepted'
  same "$(friend list -f value -c Name --shared --member-status pending)" lent 'list by a member status'
  friend set "$lent" --accept
  same "$(friend list -f value -c ID)" "$lent" 'list of a member that has accepted'
  same "$(owner list -f value -c Name --project tenant-a)" lent 'list by owner'
  same "$(owner list -f value -c Name --project tenant-b)" '' 'list by another owner'
  friend save "$lent" --file "$work/lent.raw"
  cmp "$work/disk.raw" "$work/lent.raw" || fail 'the shared image differs'
  refused friend set "$lent" --name mine
  refused friend delete "$lent"
  friend set "$lent" --reject
  same "$(owner member list lent -f value -c Status)" rejected 'member list after --reject'
  owner remove project "$lent" tenant-b
  same "$(owner member list lent -f value)" '' 'member list after remove project'
  refused friend show "$lent"

  echo '8. glance: the same with the older client'
  disk=$(glance_owner image-create --name 'disk é' --disk-format qcow2 --container-format bare --property os_distro=debian \
    --tags stable small --file "$work/disk.qcow2" < /dev/ptmx | field id)
  piped=$(glance_owner image-create --name piped --disk-format raw --container-format bare --visibility private < "$work/disk.raw" | field id)
  ids() { grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | tr '\n' ' ' || true; }
  found() {
    local what=$1 expected=$2
    shift 2
    same "$(glance_owner image-list "$@" | ids)" "$expected" "glance image-list $what"
  }
  found 'in pages of one' "$disk $lent $piped " --page-size 1 --sort name:asc
  found 'sorted by two keys' "$disk $piped $lent " --sort-key size --sort-dir asc --sort-key name --sort-dir desc
  found --limit "$piped " --limit 1 --sort name:desc
  found --visibility "$piped " --visibility private --owner tenant-a
  found --property-filter "$disk " --property-filter os_distro=debian --tag stable --tag small
  found --checksum "$lent $piped " --checksum "$raw_md5" --hash "$(sha512sum < "$work/disk.raw" | cut -d ' ' -f 1)" --sort name:asc
  same "$(glance_owner image-show "$disk" | field name)" 'disk é' 'glance image-show'
  glance_owner image-update "$disk" --name renamed --property colour=red --remove-property os_distro --hidden True > "$work/shown"
  same "$(field name < "$work/shown") $(field colour < "$work/shown") $(field os_distro < "$work/shown")" 'renamed red ' 'glance image-update'
  found --hidden "$disk " --hidden True
  glance_owner image-tag-update "$disk" fresh > /dev/null
  glance_owner image-tag-delete "$disk" small
  same "$(glance_owner image-show "$disk" | field tags | grep -oE 'fresh|small|stable' | sort | tr '\n' ' ')" 'fresh stable ' 'tags'
  glance_owner member-create "$disk" tenant-b > /dev/null
  glance_friend member-update "$disk" tenant-b accepted > /dev/null
  glance_owner member-list --image-id "$disk" > "$work/shown"
  grep -q "$disk | tenant-b  *| accepted" "$work/shown" || fail "the accepted member is not listed: $(cat "$work/shown")"
  glance_friend image-download "$disk" --file "$work/lent.qcow2"
  cmp "$work/disk.qcow2" "$work/lent.qcow2" || fail 'the shared qcow2 differs'
  glance_owner image-deactivate "$disk"
  refused glance_friend image-download "$disk" --file "$work/stolen"
  glance_owner image-reactivate "$disk"
  same "$(glance_owner image-show "$disk" | field status)" active 'the status after image-reactivate'
  glance_owner member-delete "$disk" tenant-b
  refused glance_friend image-show "$disk"
  glance_owner image-delete "$disk" "$piped" "$lent"
  found 'after all' ''
  same "$(find "$work/shared" -type f | wc -l)" 0 'files left in the data folder'
}

sharing &
others=$!

echo '1. create: from a file, from standard input, without data'
chosen=$(cat /proc/sys/kernel/random/uuid)
image create --id "$chosen" --file "$work/disk.qcow2" --disk-format qcow2 --public --min-ram 64 --min-disk 1 \
  --property os_distro=debian --property colour='dark blue' --tag stable --tag small base < /dev/ptmx > /dev/null
name='Ubuntu 22.04 "Plain" é'
image create --private --tag stable --property os_distro=ubuntu "$name" < "$work/disk.raw" > /dev/null
common=$(image create --community common -f value -c id < "$work/disk.raw")
empty=$(image create --shared --disk-format iso --container-format ova empty -f value -c id < /dev/ptmx)

echo '2. show: by id, by name, by a name with blanks, quotes and accents'
image show "$chosen" -f json > "$work/base.json"
for expected in name=base status=active disk_format=qcow2 container_format=bare visibility=public protected=false \
  min_ram=64 min_disk=1 os_distro=debian colour='dark blue' virtual_size=16777216 os_hidden=false os_hash_algo=sha512 \
  size="$(stat -c %s "$work/disk.qcow2")" checksum="$(md5sum < "$work/disk.qcow2" | cut -d ' ' -f 1)" \
  os_hash_value="$(sha512sum < "$work/disk.qcow2" | cut -d ' ' -f 1)"; do
  same "$(attribute "${expected%%=*}" < "$work/base.json")" "${expected#*=}" "show ${expected%%=*}"
done
same "$(attribute tags < "$work/base.json" | grep -oE 'stable|small' | sort | tr '\n' ' ')" 'small stable ' 'show tags'
same "$(image show base -f value -c id)" "$chosen" 'show by name'
same "$(image show "$name" -f value -c checksum)" "$raw_md5" 'the checksum of what came by standard input'
same "$(image show empty -f json | tee "$work/empty.json" | attribute status)" queued 'the status without data'
same "$(attribute disk_format < "$work/empty.json") $(attribute container_format < "$work/empty.json")" 'iso ova' 'formats'
refused image show no-such-image

echo '3. list: every option'
listed 'by default' "$name base empty "
listed --all "$name base common empty " --all
listed --public 'base ' --public
listed --private "$name " --private
listed --community 'common ' --community
listed --shared 'empty ' --shared
listed --name "$name " --name "$name"
listed --status 'empty ' --status queued
listed --tag "$name base " --tag stable
listed 'two tags' 'base ' --tag stable --tag small
listed --property "$name " --property os_distro=ubuntu
listed --member-status "$name base empty " --member-status all
listed --sort "base $name empty " --sort status:asc,size:asc
listed --limit 'empty ' --limit 1
listed --marker "$name base " --limit 2 --marker empty
listed 'after the last' '' --marker base
same "$(image list --long --public -f csv --quote none | sed -n 2p | cut -d , -f 1-5,7-9)" \
  "$chosen,base,qcow2,bare,$(stat -c %s "$work/disk.qcow2"),active,public,False" 'list --long'

echo '4. set and unset'
image set base --name 'base 2' --min-ram 128 --min-disk 2 --private --property os_version=12 --property colour=red \
  --tag new --architecture x86_64 --os-distro devuan
image show "$chosen" -f json > "$work/base.json"
for expected in name='base 2' min_ram=128 min_disk=2 visibility=private os_version=12 colour=red architecture=x86_64 os_distro=devuan; do
  same "$(attribute "${expected%%=*}" < "$work/base.json")" "${expected#*=}" "${expected%%=*} after set"
done
same "$(attribute tags < "$work/base.json" | grep -oE 'stable|small|new' | sort | tr '\n' ' ')" 'new small stable ' 'tags after set'
image unset "$chosen" --tag small --tag new --property colour --property os_version
image show "$chosen" -f json > "$work/base.json"
same "$(attribute tags < "$work/base.json")" '["stable"]' 'tags after unset'
for key in colour os_version; do same "$(attribute "$key" < "$work/base.json")" undefined "$key after unset"; done
same "$(attribute os_distro < "$work/base.json")" devuan 'the property that stays'
refused image unset "$chosen" --property no_such_property
refused image unset "$chosen" --tag no-such-tag
# The client finds community images by their ids alone.
image set empty --disk-format raw --container-format bare --community
same "$(image show "$empty" -f value -c disk_format -c container_format -c visibility | tr '\n' ' ')" 'bare raw community ' 'formats after set'

echo '5. save: byte for byte; deactivate and reactivate'
image save "$chosen" --file "$work/again.qcow2"
cmp "$work/disk.qcow2" "$work/again.qcow2" || fail 'the qcow2 changed'
qemu-img check -q "$work/again.qcow2" || fail 'the qcow2 is broken'
image save "$name" > "$work/again.raw"
cmp "$work/disk.raw" "$work/again.raw" || fail 'the raw image changed'
image set "$name" --deactivate
same "$(image show "$name" -f value -c status)" deactivated 'the status after --deactivate'
image set "$name" --activate
same "$(image show "$name" -f value -c status)" active 'the status after --activate'

echo '6. hide, protect, delete'
image set "$common" --hidden --protected
listed 'without the hidden' '' --community --status active
listed --hidden 'common ' --hidden --community
refused image delete "$common"
image set "$common" --unhidden --unprotected
listed 'with what was hidden' 'common ' --community --status active
image delete "$chosen" "$name" "$common" "$empty"
listed 'after all' '' --all
same "$(find "$work/open" -type f | wc -l)" 0 'files left in the data folder'

wait "$others" || exit 1
kill "${running[@]}"
for server in "${running[@]:0:2}"; do wait "$server" || fail "a server ended with $?"; done
wait "${running[2]}" || true
echo 'both clients created, listed, showed, changed, saved, shared, deactivated, hid and deleted real images'
