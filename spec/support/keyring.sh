#!/bin/sh
# A real keyring in a D-Bus session of its own: `keyring.sh unlocked|locked|none LUA FILE` runs the file there.
state=$1
shift
HOME=$(mktemp -d) && export HOME
trap 'rm -rf "$HOME"' EXIT
unset XDG_DATA_HOME XDG_STATE_HOME DISPLAY WAYLAND_DISPLAY
XDG_RUNTIME_DIR=$HOME && export XDG_RUNTIME_DIR
case $state in
  none) DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere "$@" ;;
  unlocked) dbus-run-session -- sh -c '
    printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "$@"' sh "$@" ;;
  locked) dbus-run-session -- sh -c '
    printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    "$@" >/dev/null 2>&1
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
      org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null 2>&1
    "$@"' sh "$@" ;;
esac
