# What install.sh, upgrade.sh and rollback.sh share. POSIX sh; the messages are bytes that no locale changes.
#
# An installation:  PREFIX/releases/VERSION   one tree each, with its own .venv
#                   PREFIX/current            leads to the release that runs
#                   PREFIX/previous           leads to the one before
#                   PREFIX/backups            the database as it was before each upgrade
#                   PREFIX/installation       where settings and data lie, and who runs it
# shellcheck shell=sh
export LC_ALL=C PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_PREFIX PIP_USER
umask 022

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

default_prefix() {
    if [ "$(id -u)" = 0 ]; then echo /opt/tongxin; else echo "$HOME/tongxin"; fi
}

# Paths go into units and settings as they are.
check_path() {
    case $1 in
    /*[!A-Za-z0-9/._+-]*) fail "路径只能用英文字母、数字和 / . _ + -：$1" ;;
    /*) ;;
    *) fail "请写完整路径，从 / 开始：$1" ;;
    esac
}

# --- the archive ---

verify_archive() { # $bundle is what its sums say, no more and no less
    [ -f "$bundle/SHA256SUMS" ] || fail "安装包不完整：缺少 SHA256SUMS。请重新复制安装包，再解压。"
    say "核对安装包 …"
    if ! damage=$(cd "$bundle" && sha256sum --check --quiet --strict SHA256SUMS 2>&1); then
        fail "安装包已损坏或被改动，没有安装。请重新复制安装包，再解压。
$damage"
    fi
    listed=$(sed 's/^[0-9a-f]* [ *]//' "$bundle/SHA256SUMS" | sort)
    found=$(cd "$bundle" && find . -type f ! -path ./SHA256SUMS | sed 's|^\./||' | sort)
    [ "$listed" = "$found" ] || fail "安装包里有不属于它的文件，没有安装。请在一个空文件夹里重新解压。"
    version=$(cat "$bundle/VERSION")
}

choose_python() { # $python, if given, else the newest that fits
    if [ -n "$python" ]; then
        trouble=$("$python" "$bundle/deploy/fits.py" "$bundle/wheels/TARGETS" 2>&1) || fail "$python：$trouble"
        return
    fi
    trouble='没有找到 Python。'
    for candidate in python3.13 python3.12 python3.11 python3; do
        path=$(command -v "$candidate") || continue
        if trouble=$("$path" "$bundle/deploy/fits.py" "$bundle/wheels/TARGETS" 2>&1); then
            python=$path
            return
        fi
    done
    fail "没有合适的 Python（$trouble）。
需要 CPython $(cut -d ' ' -f 1 "$bundle/wheels/TARGETS" | sort -u | tr '\n' ' ')之一，带 venv。装好后再运行，或用 --python /路径/python3.11 指定。"
}

require_space() { # folder, megabytes
    # shellcheck disable=SC2046 - words are what we want
    set -- "$1" "$2" $(df -Pk "$1" | tail -n 1)
    [ "$6" -ge $(($2 * 1024)) ] || fail "磁盘空间不够：$1 还剩 $(($6 / 1024)) MB，需要 $2 MB。请清理后再运行。"
}

add_release() { # the tree and its environment; whole or not at all
    release=$prefix/releases/$version
    say "安装 $version 到 $release …"
    rm -rf "$release"
    mkdir -p "$release"
    for part in "$bundle"/*; do
        [ "$part" = "$bundle/wheels" ] || cp -R "$part" "$release/"
    done
    sh "$release/deploy/environment.sh" "$release" "$python" "$bundle/wheels" || {
        rm -rf "$release"
        fail "没有装成，原因见上面。原来的版本没有动。"
    }
    chmod -R go-w,a+rX "$release"
    as_account "$release/.venv/bin/python" -c '' || {
        rm -rf "$release"
        fail "账号 $account 不能运行 $python 或进不了 $prefix：上级文件夹要让它能进入。原来的版本没有动。"
    }
    : > "$release/.complete"
}

as_account() { # words: a program, as the one who will run it
    if [ "$(id -u)" = 0 ] && [ "$account" != root ]; then runuser -u "$account" -- "$@"; else "$@"; fi
}

# --- the installation ---

read_installation() {
    [ -f "$prefix/installation" ] || fail "$prefix 里没有装过同心。第一次安装请用 install.sh；装在别处的，用 --prefix 指定。"
    # shellcheck disable=SC1091 - written by install.sh
    . "$prefix/installation"
    [ -w "$prefix" ] || fail "没有权限改 $prefix。请用安装时的账号运行。"
}

one_at_a_time() {
    mkdir "$prefix/.lock" 2> /dev/null ||
        fail "另一个安装或升级正在进行。如果上一次被强行中断了，先删除 $prefix/.lock 再运行。"
    locked=yes
}

release_of() { # current | previous: the version, or nothing
    [ ! -L "$prefix/$1" ] || basename "$(readlink "$prefix/$1")"
}

switch() { # current | previous, version: at once, so that there is no moment without
    ln -sfn "releases/$2" "$prefix/$1.new"
    mv -fT "$prefix/$1.new" "$prefix/$1"
}

tongxin() { # version, words: the command of that release, with this installation's settings
    chosen=$1
    shift
    TONGXIN_RELEASE=$prefix/releases/$chosen "$prefix/bin/tongxin" "$@"
}

write_units() {
    [ -n "$units" ] || return 0
    for unit in "$1"/deploy/systemd/*; do
        sed -e "s|@prefix@|$prefix|g" -e "s|@config@|$config|g" -e "s|@data@|$data|g" -e "s|@account@|$account|g" \
            "$unit" > "$units/$(basename "$unit")"
    done
    ! by_systemd || systemctl daemon-reload
}

# --- the services ---

by_systemd() { [ -n "$units" ] && [ -d /run/systemd/system ]; }

services() { # start | stop
    if [ -x "$config/services" ]; then
        "$config/services" "$1"
    elif ! by_systemd; then
        [ "$1" = stop ] || say "请重新启动网页服务和后台任务，新版本才会用上。"
    elif [ "$1" = stop ]; then
        was_running=$(systemctl is-active tongxin.target || true)
        systemctl stop tongxin.target
    elif [ "${was_running-active}" = active ]; then
        systemctl start tongxin.target
    fi
}

healthy() { # whether what was started answers
    if [ -x "$config/services" ]; then
        answers tongxin.env 8000
    elif by_systemd && [ "${was_running-active}" = active ]; then
        ! systemctl is-enabled --quiet tongxin-web.service || answers tongxin.env 8000 || return 1
        ! systemctl is-enabled --quiet tongxin-portal.service || answers portal.env 8001
    fi
}

answers() { # file with settings, port if it names none
    "$prefix/current/.venv/bin/python" "$prefix/current/deploy/answers.py" "$config/$1" "$2"
}
