#!/bin/sh
# The environment of a tree: the packages of its requirements.lock, its src, and the command `tongxin`, in TREE/.venv.
# Everybody makes it here: `make`, the bundle's install.sh and upgrade.sh, the Dockerfile.
# usage: environment.sh TREE PYTHON [WHEELS]    with WHEELS, a folder, nothing is asked of any index
set -eu
tree=$1 python=$2 wheels=${3-}

rm -rf "$tree/.venv"
"$python" -m venv "$tree/.venv" || {
    rm -rf "$tree/.venv"
    echo 'Python 缺少 venv 或 pip；Debian、UOS 上请安装 python3-venv，openEuler、麒麟上请安装 python3-pip。' >&2
    exit 1
}

install() {
    "$tree/.venv/bin/python" -m pip --no-input --disable-pip-version-check "$@" \
        install --require-hashes -r "$tree/requirements.lock"
}
if [ -n "$wheels" ]; then
    # Mirrors set for this machine do not matter here, and a proxy must not be asked.
    export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS="$wheels"
    install --quiet
else
    install
fi

# Our own part without a build: the environment finds src by a .pth file.
packages=$("$tree/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo ../../../../src > "$packages/tongxin.pth"
"$tree/.venv/bin/python" -m compileall -q "$tree/src" # who runs it may not be allowed to write there
cat > "$tree/.venv/bin/tongxin" <<'LAUNCHER'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -P -c 'import sys; from tongxin.cli import main; sys.argv[0] = "tongxin"; sys.exit(main())' "$@"
LAUNCHER
chmod +x "$tree/.venv/bin/tongxin"
