# What an administrator does once when the application is installed; runs in the layer that only boxes see.
set -eu
mkdir -p /var/lib/bookshop /var/log/bookshop /etc/cron.d
chmod 600 /etc/bookshop.env
# The manager's own user ids are kept out of the way of Debian's.
getent passwd ledger >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin ledger
getent passwd alice >/dev/null || useradd --create-home --shell /bin/bash alice
chown -R root:ledger /etc/ledger && chmod 750 /etc/ledger && chmod 640 /etc/ledger/ledger.conf
# Not a key: a file that looks like one, for an intruder to find.
install -d -m 700 -o alice -g alice /home/alice/.ssh
{
  echo "-----BEGIN OPENSSH PRIVATE KEY-----"
  head -c 96 /dev/urandom | base64
  echo "-----END OPENSSH PRIVATE KEY-----"
} >/home/alice/.ssh/id_ed25519
chown alice:alice /home/alice/.ssh/id_ed25519 && chmod 600 /home/alice/.ssh/id_ed25519
python3 -m compileall -q /opt/bookshop
