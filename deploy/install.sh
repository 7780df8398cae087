#!/bin/sh
# The first installation on this machine, without a network. As root for the whole machine, or as a user for oneself.
set -eu
usage='用法：sh install.sh [选项]
  --prefix 文件夹   程序放哪里      （root：/opt/tongxin；普通账号：~/tongxin）
  --config 文件夹   设置放哪里      （root：/etc/tongxin；普通账号：程序文件夹/etc）
  --data 文件夹     数据放哪里      （root：/var/lib/tongxin；普通账号：程序文件夹/var）
  --account 账号    以谁的身份运行  （root：tongxin，没有就新建；普通账号：自己）
  --units 文件夹    systemd 单元放哪里，none 表示不要（root 而且有 systemd：/etc/systemd/system；否则 none）
  --python 路径     用哪个 Python   （不写就自己找）'
bundle=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/lib.sh
. "$bundle/deploy/lib.sh"

main() {
    choose_places "$@"
    verify_archive
    choose_python
    mkdir -p "$prefix"
    [ ! -f "$prefix/installation" ] || fail "$prefix 里已经装了同心。升级请用 upgrade.sh。"
    require_space "$prefix" 500
    one_at_a_time
    trap 'rmdir "$prefix/.lock"' EXIT
    make_account
    add_release
    make_folders
    install -m 755 "$bundle/deploy/command.sh" "$prefix/bin/tongxin"
    write_units "$release"
    printf "%s='%s'\n" config "$config" data "$data" account "$account" units "$units" > "$prefix/installation"
    switch current "$version"
    tell
}

choose_places() {
    prefix=$(default_prefix) config='' data='' account='' units='' python=''
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix | --config | --data | --account | --units | --python)
            [ $# -gt 1 ] || fail "$usage"
            eval "${1#--}=\$2"
            shift 2
            ;;
        *) fail "$usage" ;;
        esac
    done
    if [ "$(id -u)" = 0 ]; then
        : "${config:=/etc/tongxin}" "${data:=/var/lib/tongxin}" "${account:=tongxin}"
        [ -n "$units" ] || units=$([ -d /run/systemd/system ] && echo /etc/systemd/system || echo none)
    else
        [ "${account:=$(id -un)}" = "$(id -un)" ] || fail "以别的账号运行，要由 root 来安装。"
        : "${config:=$prefix/etc}" "${data:=$prefix/var}" "${units:=none}"
    fi
    check_path "$prefix" && check_path "$config" && check_path "$data"
    if [ "$units" = none ]; then units=''; else check_path "$units"; fi
}

make_account() { # the application's, and one for the residents' pages that cannot read the application's settings
    [ "$(id -u)" = 0 ] && [ "$account" != root ] || return 0
    id "$account" > /dev/null 2>&1 ||
        useradd --system --user-group --home-dir "$data" --no-create-home --shell /sbin/nologin "$account"
    id "$account-portal" > /dev/null 2>&1 ||
        useradd --system --gid "$(id -gn "$account")" --home-dir "$data" --no-create-home --shell /sbin/nologin \
            "$account-portal"
}

draw() {
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

make_folders() {
    secret=$(draw)
    mkdir -p "$prefix/bin" "$prefix/backups" "$config" "$data/files"
    for settings in tongxin owner portal; do
        [ "$settings" != portal ] || secret=$(draw) # what the office's links are made of is not for the portal
        [ -f "$config/$settings.env" ] || {
            (umask 077 && sed -e "s|@data@|$data|g" -e "s|^#TONGXIN_SECRET=$|TONGXIN_SECRET=$secret|" \
                "$release/deploy/settings/$settings.env" > "$config/$settings.env") # they will hold passwords
        }
    done
    [ "$(id -u)" != 0 ] || chown "$account:$(id -gn "$account")" "$data" "$data/files" "$prefix/backups"
    chmod 750 "$data"
    chmod 2770 "$data/files" # the residents' pages put photos there as another account of the same group
    chmod 700 "$prefix/backups"
}

tell() {
    say "
已装好 $version。接下来：
  1. 在 $config/tongxin.env 里填写数据库地址 DATABASE_URL 等设置；建表用的数据库账号写在 $config/owner.env。
     不填数据库地址，就用自带的数据库，只供试用。
  2. 建表，设第一个管理员：   $prefix/bin/tongxin init
  3. 发布流程：               $prefix/bin/tongxin publish $prefix/current/processes"
    if [ -n "$units" ]; then
        say "  4. 启动：                   systemctl enable --now tongxin.target tongxin-web tongxin-worker@1"
    else
        say "  4. 启动：                   $prefix/bin/tongxin up"
    fi
    say "各项说明见 $prefix/current/docs/operations.md。"
}

main "$@"
