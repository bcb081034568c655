#!/bin/sh
# Makes the secrets that compose.yaml reads, once; what is there stays as it is.
set -eu
umask 022
cd "$(dirname "$0")"
mkdir -p -m 700 secrets
make_secret() { [ -e "secrets/$1" ] || { printf '%s' "$2" > "secrets/$1"; echo "made secrets/$1"; }; }
make_secret secret_key "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
make_secret database_password "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
make_secret database_url "postgresql://digest:$(cat secrets/database_password)@database/digest"
[ -e digest.env ] || { cp digest.env.example digest.env; echo "made digest.env: say in it who you are"; }
