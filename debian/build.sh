#!/bin/bash
# Builds the Debian package into build-deb/. Called by "make deb".

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../test/lib.sh"

# The changelog repeats the version of crm.control, as Debian wants it.
check_version() {
	local version
	version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$TOP/crm.control")
	grep -q "^postgresql-crm ($version-" "$TOP/debian/changelog" ||
		die "debian/changelog has no entry for version $version of crm.control"
}

# All steps are the unprivileged account's, on a copy.
build_package() {
	copy_tree crm
	# shellcheck disable=SC2016 # for the inner shell to expand
	as_user env DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" sh -ec '
		cd crm
		pg_buildext updatecontrol
		dpkg-buildpackage -us -uc -b -d'
}

check_version
need_packages dpkg-dev debhelper g++ libphonenumber-dev libprotobuf-dev libpsl-dev \
	postgresql-server-dev-all
choose_account
make_work deb
trap 'rm -rf "$WORK"' EXIT

if ! build_package >"$WORK/build.log" 2>&1 </dev/null; then
	tail -n 40 "$WORK/build.log" >&2
	die "the package was not built"
fi
mkdir -p "$TOP/build-deb"
cp "$WORK"/*.deb "$TOP/build-deb/"
for package in "$WORK"/*.deb; do
	say "$TOP/build-deb/$(basename "$package")"
done
