#!/bin/bash
# What a user does with the real command line client of API v1: every step against a server of its own.
# Needs: python3-glanceclient 4.1, qemu-utils, and a bootable ISO from ipxe or grub-rescue-pc.
source "$(dirname "$0")/rig.sh"

iso=$(ls /usr/lib/ipxe/ipxe.iso /usr/lib/grub-rescue/grub-rescue-cdrom.iso 2>/dev/null | head -n 1)
[ -n "$iso" ] || fail 'no bootable ISO: install ipxe or grub-rescue-pc'

port=$(free_port)
start server "$port" <<END
[glance_store]
filesystem_store_datadir = $work/images
[paste_deploy]
flavor = fakeauth
config_file = $root/test/support/glance-api-paste.ini
END

as() {
  local token=$1
  shift
  run glance --os-image-api-version 1 --os-image-url "http://127.0.0.1:$port" --os-auth-token "$token" "$@"
}
owner() { as owner:tenant-a:admin "$@"; }
friend() { as friend:tenant-b:member "$@"; }

echo '1. create: a bootable ISO, and a qcow2 made from it'
qemu-img convert -O qcow2 "$iso" "$work/disk.qcow2"
iso_id=$(owner image-create --name rescue --disk-format iso --container-format bare --is-public True \
  --property os_distro=ipxe --min-ram 64 --file "$iso" | field id)
name='Ubuntu 10.04 "Plain" é'
disk_id=$(owner image-create --name "$name" --disk-format qcow2 --container-format bare --is-public False \
  < "$work/disk.qcow2" | field id)
[ -n "$iso_id" ] && [ -n "$disk_id" ] || fail 'create printed no id'

echo '2. show: by id and by a name with blanks, quotes and accents'
same "$(owner image-show "$iso_id" | field status)" active 'status'
same "$(owner image-show "$iso_id" | field size)" "$(stat -Lc %s "$iso")" 'size'
same "$(owner image-show "$iso_id" | field checksum)" "$(md5sum < "$iso" | cut -d ' ' -f 1)" 'checksum'
same "$(owner image-show rescue | field id)" "$iso_id" 'the id found by name'
same "$(owner image-list --disk-format qcow2 | grep -cF " $name ")" 1 'the name in a list'
same "$(owner image-show "$disk_id" | field name)" "$name" 'the name in headers'
same "$(owner image-show "$name" | field id)" "$disk_id" 'the id found by a name with blanks and accents'

echo '3. list and filter'
ids() { grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | sort | tr '\n' ' ' || true; }
both=$(printf '%s\n' "$iso_id" "$disk_id" | ids)
same "$(owner image-list | ids)" "$both" 'list'
same "$(owner image-list --page-size 1 | ids)" "$both" 'list by pages of one'
same "$(owner image-list --name "$name" | ids)" "$disk_id " 'list by name'
same "$(owner image-list --disk-format iso | ids)" "$iso_id " 'list by format'
same "$(owner image-list --property-filter os_distro=ipxe | ids)" "$iso_id " 'list by property'
same "$(owner image-list --property-filter os_distro=other | ids)" '' 'list by another property'
same "$(owner image-list --sort-key size --sort-dir asc --size-min 1 | ids)" "$both" 'list by size'

# Without data the standard input has to be a terminal: the client uploads anything else.
echo '4. update'
owner image-update "$iso_id" --name 'rescue 2' --property os_version=1.0 --min-disk 1 < /dev/ptmx > /dev/null
same "$(owner image-show "$iso_id" | field name)" 'rescue 2' 'the new name'
same "$(owner image-show "$iso_id" | field min_disk)" 1 'the new min_disk'
same "$(owner image-show "$iso_id" | field "Property 'os_distro'")" ipxe 'the property that stays'
owner image-update "$iso_id" --purge-props --property only=this < /dev/ptmx > /dev/null
same "$(owner image-show "$iso_id" | field "Property 'only'")" this 'the property after a purge'
same "$(owner image-show "$iso_id" | field "Property 'os_distro'")" '' 'the purged property'

echo '5. download: byte for byte'
owner image-download "$iso_id" --file "$work/again.iso"
cmp "$iso" "$work/again.iso" || fail 'the ISO changed'
owner image-download "$name" > "$work/again.qcow2"
cmp "$work/disk.qcow2" "$work/again.qcow2" || fail 'the qcow2 changed'
qemu-img check -q "$work/again.qcow2" || fail 'the qcow2 is broken'

echo '6. share'
refused friend image-show "$disk_id"
refused friend image-download "$disk_id" --file "$work/stolen"
owner member-create "$disk_id" tenant-b
owner member-list --image-id "$disk_id" | grep tenant-b > /dev/null || fail 'the member is not listed'
friend member-list --tenant-id tenant-b | grep "$disk_id" > /dev/null || fail 'the shared image is not listed for the member'
friend image-download "$disk_id" --file "$work/shared.qcow2"
cmp "$work/disk.qcow2" "$work/shared.qcow2" || fail 'the shared qcow2 differs'
# The client ends with 0 where the server refuses a deletion: what counts is that the image is still there.
friend image-delete "$disk_id" > /dev/null
same "$(owner image-show "$disk_id" | field status)" active 'the status after a foreign deletion'
owner member-delete "$disk_id" tenant-b
refused friend image-show "$disk_id"

echo '7. delete'
owner image-update "$iso_id" --is-protected True < /dev/ptmx > /dev/null
owner image-delete "$iso_id" > /dev/null
same "$(owner image-show "$iso_id" | field status)" active 'the status after the deletion of a protected image'
owner image-update "$iso_id" --is-protected False < /dev/ptmx > /dev/null
owner image-delete "$iso_id" "$disk_id"
same "$(owner image-list | ids)" '' 'the list after all'
same "$(find "$work/images" -type f | wc -l)" 0 'files left in the data folder'

kill "${running[0]}"
wait "${running[0]}" || fail "the server ended with $?"
echo 'the client created, showed, listed, updated, downloaded, shared and deleted real images'
