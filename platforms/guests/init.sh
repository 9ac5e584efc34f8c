#!/bin/sh
# First program of the default Linux guest: mounts what programs expect and gives the console a shell that job control works in.
# Leaving the shell powers the guest off.
/bin/busybox mkdir -p /dev /proc /sys /tmp /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
hostname linux
echo
echo "BusyBox on Debian's Linux $(uname -r), $(nproc) CPUs. reboot, poweroff and exit work."

# reboot and poweroff send a signal to the first program. A shell only hears it while it waits, so the user's runs beside this one.
trap 'reboot -f' TERM
trap 'poweroff -f' USR1 USR2
setsid cttyhack sh < /dev/console > /dev/console 2>&1 &
wait
poweroff -f
