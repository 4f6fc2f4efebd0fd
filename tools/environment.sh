#!/bin/sh
# Make .venv hold exactly what a lock says, and do nothing when it already does.
#
#     tools/environment.sh runtime|dev
#
# PYTHON=… chooses the interpreter; otherwise the first of 3.11 or newer that can make environments.
set -eu

kind=$1
case $kind in
    runtime) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) echo "usage: $0 runtime|dev" >&2; exit 2 ;;
esac

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

candidates() {
    echo "${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}"
}

# Prints the first candidate that passes both tests, or else the first that is new enough.
choose_python() {
    for name in $(candidates); do
        if is_new_enough "$name" && can_make_environments "$name"; then
            echo "$name"
            return
        fi
    done
    for name in $(candidates); do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

make_environment() {
    python=$(choose_python)
    if [ -z "$python" ]; then
        echo "Python 3.11 or newer is needed and was not found; install it (Debian, Ubuntu:" \
            "apt-get install python3 python3-venv; macOS: brew install python) or name it with PYTHON=." >&2
        exit 1
    fi
    # The tests must run on a bare machine, so there the missing package is fetched when that is allowed.
    if ! can_make_environments "$python" && [ "$kind" = dev ]; then
        tools/packages.sh venv || true
    fi
    if ! can_make_environments "$python"; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "This Python cannot make virtual environments; install its part for that" \
            "(Debian, Ubuntu: apt-get install python3-venv, or python$version-venv) and run make again." >&2
        exit 1
    fi
    echo "Creating .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
}

if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_environment
fi

stamp=.venv/.installed-$kind-$(cksum < "$lock" | tr ' ' '-')
if [ ! -e "$stamp" ]; then
    echo "Installing $lock ..."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "$lock"
    rm -f ".venv/.installed-$kind-"*
    touch "$stamp"
    # The development lock holds the runtime as well.
    if [ "$kind" = dev ]; then
        rm -f .venv/.installed-runtime-*
        touch ".venv/.installed-runtime-$(cksum < requirements.txt | tr ' ' '-')"
    fi
fi
