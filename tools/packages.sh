#!/bin/sh
# Get a program of the system by apt, where that is possible, or say what is missing.
#
#     tools/packages.sh browser|paper|wrk|venv
#
# Ends with 1 when something is still missing; whoever calls it decides what that means.
set -u

export DEBIAN_FRONTEND=noninteractive

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    else
        return 1
    fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 && as_root true >/dev/null 2>&1
}

install() {
    may_install || return 1
    echo "Getting $* with apt-get ..."
    as_root apt-get -qq update >/dev/null || echo "apt-get update failed; trying with the old lists."
    as_root apt-get -qq install --no-install-recommends "$@" >/dev/null
}

has_browser() {
    # The same search as the tests do, so that both agree on what is there.
    .venv/bin/python tests/support/chromium.py >/dev/null
}

has_chinese_font() {
    # Without fontconfig (macOS) the system brings its own Chinese fonts.
    ! command -v fc-list >/dev/null 2>&1 || [ -n "$(fc-list :lang=zh family)" ]
}

has_paper_readers() {
    command -v pdftotext >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1 && command -v zbarimg >/dev/null 2>&1
}

missing=0
case ${1:-} in
    browser)
        has_browser || install chromium
        has_chinese_font || install fonts-noto-cjk
        if ! has_browser; then
            echo "Missing: Chromium (Debian: apt-get install chromium; elsewhere set CHROMIUM=/path/to/it)."
            echo "The browser tests will be skipped, and counted as skipped."
            missing=1
        elif ! has_chinese_font; then
            echo "Missing: a Chinese font (Debian: apt-get install fonts-noto-cjk)."
            echo "The browser tests run, but their pages show boxes for characters."
            missing=1
        fi
        ;;
    paper)
        has_paper_readers || install poppler-utils zbar-tools
        if ! has_paper_readers; then
            echo "Missing: poppler and zbar (Debian: apt-get install poppler-utils zbar-tools)."
            echo "The tests that read certificates as PDF will be skipped, and counted as skipped."
            missing=1
        fi
        ;;
    wrk)
        command -v wrk >/dev/null 2>&1 || install wrk
        if ! command -v wrk >/dev/null 2>&1; then
            echo "Missing: wrk, which drives the benchmark (Debian: apt-get install wrk; macOS: brew install wrk)."
            missing=1
        fi
        ;;
    venv)
        install python3-venv || missing=1
        ;;
    *)
        echo "usage: $0 browser|paper|wrk|venv" >&2
        exit 2
        ;;
esac
exit $missing
