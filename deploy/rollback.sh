#!/bin/sh
# Back to the release before this one. The schema stays as it is: each release runs on that of the one after it.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/lib.sh
. "$here/deploy/lib.sh"

main() {
    prefix=$(default_prefix)
    case $here in */releases/*) prefix=${here%/releases/*} ;; esac
    if [ "${1-}" = --prefix ] && [ $# = 2 ]; then
        prefix=$2
    elif [ $# -gt 0 ]; then
        fail '用法：sh rollback.sh [--prefix 文件夹]'
    fi
    read_installation
    now=$(release_of current) before=$(release_of previous)
    [ -n "$before" ] && [ -f "$prefix/releases/$before/.complete" ] || fail "没有上一个版本可以退回。"
    one_at_a_time
    trap 'rmdir "$prefix/.lock"' EXIT
    trap '' INT TERM HUP
    change "$now" "$before" || {
        say "$before 没有正常启动，仍用 $now。原因请看日志。"
        change "$before" "$now"
        exit 1
    }
    say "已退回 $before；要再换成 $now，再运行一次本命令。
数据库的内容和结构都没有退回：升级以后办的事都在，$before 在新结构上照常运行。
万不得已要退回升级前的数据，用 $prefix/backups 里的备份恢复，做法见 docs/operations.md。"
}

change() { # from version, to version
    say "停止 $1，换成 $2 …"
    services stop
    switch current "$2"
    switch previous "$1"
    write_units "$prefix/releases/$2"
    services start
    healthy
}

main "$@"
