#!/bin/sh
# Print the path of uv. If there is none, install it into .uv/ with a Python of a supported version,
# even if the system's pip is missing or refuses (PEP 668). Never downloads a Python.
set -eu

say() { echo "silkwire: $*" >&2; }

if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
    command -v uv
    exit
fi
if [ -x .uv/bin/uv ] && .uv/bin/uv --version >/dev/null 2>&1; then
    echo .uv/bin/uv
    exit
fi

python=
for name in python3 python3.13 python3.12 python3.11 python; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c \
        'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    say "needs Python 3.11, 3.12 or 3.13; none is on the PATH."
    exit 1
fi

rm -rf .uv
by_venv() {
    "$python" -m venv .uv >/dev/null 2>&1 &&
        .uv/bin/python -m pip install --quiet --disable-pip-version-check uv >&2
}
by_pip() {
    rm -rf .uv
    "$python" -m pip install --quiet --disable-pip-version-check --target .uv uv >&2 2>/dev/null ||
        "$python" -m pip install --quiet --disable-pip-version-check --break-system-packages \
            --target .uv uv >&2
}
by_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "installing Debian's python3-venv, since this Python has neither pip nor venv."
    apt-get update -qq >&2 && apt-get install -qq -y python3-venv >/dev/null && by_venv
}

if by_venv || by_pip 2>/dev/null || by_debian; then
    echo .uv/bin/uv
else
    rm -rf .uv
    say "could not install uv: install your system's python3-venv package, or uv itself."
    exit 1
fi
