#!/bin/sh
# From the release that runs to the one in this archive, without a network. What fails leads back by itself.
set -eu
usage='用法：sh upgrade.sh [--prefix 文件夹] [--python 路径] [--no-backup] [--code-only]
  --no-backup   不备份数据库（已经另行备份了）
  --code-only   只换程序，不备份也不改数据库：居民端单独一台机器时用，数据库由主服务器那边升级'
bundle=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/lib.sh
. "$bundle/deploy/lib.sh"

main() {
    prefix=$(default_prefix) python='' backup=yes migrate=yes
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix | --python)
            [ $# -gt 1 ] || fail "$usage"
            eval "${1#--}=\$2"
            shift
            ;;
        --no-backup) backup=no ;;
        --code-only) backup=no migrate=no ;;
        *) fail "$usage" ;;
        esac
        shift
    done
    trap leave EXIT
    trap 'exit 130' INT TERM HUP
    check_before
    add_release
    look_at_database
    replace
}

# Nothing that runs is touched before the new release lies there whole and the database is saved.

check_before() {
    verify_archive
    read_installation
    one_at_a_time
    old=$(release_of current)
    [ "$version" != "$old" ] || fail "已经是 $version，不用升级。"
    newest=$(printf '%s\n' "$version" "$old" | sort -V | tail -n 1)
    [ "$newest" = "$version" ] || fail "现在是 $old，比安装包里的 $version 新。要退回上一个版本请用 rollback.sh。"
    choose_python
    require_space "$prefix" 500
}

look_at_database() {
    [ "$migrate" = yes ] || return 0
    tongxin "$version" migrate --plan || fail "连不上数据库，或用不了，没有升级。请检查 $config 里的 DATABASE_URL。"
    [ "$backup" = yes ] || return 0
    require_space "$prefix/backups" 200
    say "备份数据库到 $prefix/backups …"
    tongxin "$old" backup "$prefix/backups" --without-files ||
        fail "没有备份成，没有升级。自己备份好以后，可以加 --no-backup 再运行。"
}

replace() {
    say "停止 $old …"
    stage=stopped
    services stop
    if [ "$migrate" = yes ]; then
        say "更新数据库结构 …"
        tongxin "$version" migrate
    fi
    say "换成 $version，启动 …"
    stage=switched
    switch current "$version"
    write_units "$release"
    services start
    healthy
    stage=done
    switch previous "$old"
    install -m 755 "$release/deploy/command.sh" "$prefix/bin/tongxin"
    sed "s|@data@|$data|g" "$release/deploy/settings/tongxin.env" > "$config/tongxin.env.example"
    remove_older
    say "已升级到 $version。$old 还在，需要时运行 sh $prefix/current/rollback.sh 退回。
随本版本的流程要另外发布：$prefix/bin/tongxin publish $prefix/current/processes"
}

remove_older() { # than the two that we may need
    for other in "$prefix"/releases/*; do
        case ${other##*/} in "$version" | "$old") ;; *) rm -rf "$other" ;; esac
    done
}

leave() { # however we end: what was begun and not finished is taken back
    status=$?
    trap '' INT TERM HUP
    set +e
    case ${stage-} in
    stopped) say "没有升级成，重新启动 $old。数据库结构没有变。" && services start ;;
    switched)
        say "$version 没有正常启动，退回 $old …"
        services stop
        switch current "$old"
        write_units "$prefix/releases/$old"
        services start
        healthy && say "已退回 $old，照常运行。数据库的新结构留着，$old 也能用；原因请看上面和日志。"
        ;;
    esac
    [ "${stage-}" = done ] || [ -z "${release-}" ] || rm -rf "$release"
    [ -z "${locked-}" ] || rmdir "$prefix/.lock"
    exit "$status"
}

main "$@"
