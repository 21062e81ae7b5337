/// A program that tries once what each hardening line forbids, and says how that went.
///
/// It prints `ACT KEY.what allowed` or `ACT KEY.what refused REASON` for each, then `ACT done`, and stays. Every act is
/// harmless where it succeeds: what it makes it removes, and what it sets keeps its value.
public enum ForbiddenActs {
  /// The program. Its arguments are the witness's name, its number, and the instance's data folder;
  /// a fourth ends it after the acts.
  public static let script = #"""
    use strict;
    use warnings;
    use Errno;
    use Fcntl;
    use POSIX ();

    $| = 1;
    my ($witness, $key, $data, $isOnce) = @ARGV;
    my ($home, $state) = $data =~ m,^((.+)/instances/[^/]+/[^/]+)/data$, or die "no data folder\n";
    my %number = (POSIX::uname())[4] eq 'aarch64'
      ? (mmap => 222, unshare => 97, sched => 119, personality => 92, mount => 40, swapon => 224, reboot => 142,
         sethostname => 161, delete_module => 106, adjtimex => 171, keyctl => 219, syslog => 116, mknodat => 33)
      : (mmap => 9, unshare => 272, sched => 144, personality => 135, mount => 165, swapon => 167, reboot => 169,
         sethostname => 170, delete_module => 176, adjtimex => 159, keyctl => 250, syslog => 103, mknodat => 259);

    # A system call, true when it succeeds.
    sub call { my $name = shift; return syscall($number{$name}, @_) != -1 }

    # A call with a nonsense argument, true when it came so far that the nonsense was found.
    sub reaches { return $_[0] || !($!{EPERM} || $!{EACCES} || $!{ENOSYS}) }

    # Each act has a process of its own, so that none changes what the next one finds.
    sub act {
      my ($name, $code) = @_;
      my $child = fork // die "fork: $!\n";
      if (!$child) {
        $! = 0;
        POSIX::_exit($code->() ? 0 : 0 + $! || 255);
      }
      waitpid $child, 0;
      my $errno = $! = $? & 127 ? 255 : $? >> 8; # a signal refuses too
      my ($reason) = $errno == 255 ? 'hidden' : grep { $!{$_} } sort keys %!;
      print "ACT $name ", $? == 0 ? "allowed\n" : "refused $reason\n";
    }

    sub status { # the fields of /proc/self/status
      open my $file, '<', '/proc/self/status' or return {};
      return { map { /^(\w+):\s*(.*)$/ } <$file> };
    }
    sub contents { open my $file, '<', $_[0] or return ''; local $/; return <$file> // '' }
    sub makes { my ($folder) = @_; return mkdir($folder) && rmdir $folder }
    sub writes { my ($file) = @_; return sysopen(my $handle, $file, O_CREAT | O_WRONLY) && unlink $file }
    sub opens { my ($file, $mode) = @_; return sysopen my $handle, $file, $mode | O_NONBLOCK }
    # Does something with a file of the instance's own, and removes it whatever came of that.
    sub owning {
      my ($mode, $code) = @_;
      my $file = "$data/$witness";
      sysopen my $handle, $file, O_CREAT | O_EXCL | O_WRONLY, $mode or return;
      my $isDone = $code->($file, $handle);
      my $errno = $!;
      unlink $file;
      $! = $errno;
      return $isDone;
    }
    sub lists { my ($folder, $pattern) = @_; opendir my $handle, $folder or return; return grep { /$pattern/ } readdir $handle }

    act 'NoNewPrivileges.flag', sub { status()->{NoNewPrivs} == 0 };
    act 'NoNewPrivileges.setuid', sub { my $id = qx(/var/lib/$witness/id -u); defined $id && $id =~ /^0$/ };
    act 'ProtectSystem.usr', sub { makes("/usr/$witness") };
    act 'ProtectSystem.etc', sub { makes("/etc/$witness") };
    act 'ProtectSystem.var', sub { makes("/var/lib/$witness/open/made") };
    act 'ProtectHome.home', sub { -e "/home/$witness/file" };
    act 'ProtectHome.root', sub { -e "/root/$witness" };
    act 'ProtectProc.others', sub { -e '/proc/1/status' };
    act 'ProtectClock.adjtimex', sub { my $buffer = "\0" x 512; call('adjtimex', $buffer) };
    act 'ProtectHostname.set', sub { my $name = (POSIX::uname())[1]; call('sethostname', $name, length $name) };
    act 'ProtectKernelLogs.dev', sub { opens('/dev/kmsg', O_RDONLY) };
    act 'ProtectKernelLogs.proc', sub { opens('/proc/kmsg', O_RDONLY) };
    act 'ProtectKernelLogs.syslog', sub { call('syslog', 10, 0, 0) };
    act 'ProtectKernelModules.call', sub { my $name = $witness; reaches(call('delete_module', $name, O_NONBLOCK)) };
    act 'ProtectKernelModules.folder', sub { -e "/usr/lib/modules/$witness" };
    act 'ProtectKernelTunables.sys', sub { opens('/proc/sys/kernel/ns_last_pid', O_WRONLY) };
    act 'ProtectControlGroups.make', sub {
      my ($path) = contents('/proc/self/cgroup') =~ /^0::(.*)$/m;
      my $top = -d '/sys/fs/cgroup/unified' ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
      makes("$top$path/$witness");
    };
    act 'PrivateTmp.tmp', sub { -e "/tmp/$witness" };
    act 'PrivateTmp.vartmp', sub { -e "/var/tmp/$witness" };
    act 'PrivateDevices.device', sub { opens("/dev/$witness-null", O_RDONLY) };
    act 'PrivateDevices.mknod', sub {
      my $node = "$data/$witness";
      call('mknodat', -100, $node, 0020600, 0x103) && unlink $node;
    };
    act 'DevicePolicy.device', sub { opens("/dev/$witness-zero", O_RDONLY) && opens("/dev/$witness-fuse", O_RDONLY) };
    act 'PrivateIPC.segment', sub { defined shmget($key, 0, 0) };
    act 'PrivateUsers.map', sub { contents('/proc/self/uid_map') =~ /^\s*0\s+0\s+4294967295$/ };
    act 'RestrictNamespaces.user', sub { call('unshare', 0x10000000) };
    act 'RestrictNamespaces.mount', sub { call('unshare', 0x00020000) };
    act 'RestrictRealtime.fifo', sub { my $priority = pack 'i', 1; call('sched', 0, 1, $priority) };
    act 'RestrictSUIDSGID.chmod', sub { owning(0600, sub { chmod 04700, $_[0] }) };
    act 'RestrictAddressFamilies.netlink', sub { socket my $socket, 16, 3, 0 };
    act 'RestrictAddressFamilies.packet', sub { socket my $socket, 17, 3, 0 };
    act 'LockPersonality.linux32', sub { call('personality', 8) };
    act 'MemoryDenyWriteExecute.mmap', sub { call('mmap', 0, 4096, 7, 0x22, -1, 0) };
    act 'SystemCallArchitectures.i386', sub {
      owning(0700, sub {
        my ($file, $handle) = @_;
        # The smallest program for 32 bits that ends with 0.
        syswrite $handle, pack('a4C5x7v2V5v6V8', "\x7fELF", 1, 1, 1, 0, 0, 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 40,
          0, 0, 1, 0, 0x8048000, 0x8048000, 96, 96, 5, 4096) . "\x31\xdb\x8d\x43\x01\xcd\x80" . "\x90" x 5;
        close $handle;
        my $result = system { $file } $file;
        $! = 255 if $result > 0; # ended by a signal
        $result == 0;
      });
    };
    act 'SystemCallFilter.mount', sub { my $none = "$data/none"; reaches(call('mount', $none, $none, $none, 0, 0)) };
    act 'SystemCallFilter.chroot', sub { reaches(chroot "$data/none") };
    act 'SystemCallFilter.swapon', sub { my $none = "$data/none"; reaches(call('swapon', $none, 0)) };
    act 'SystemCallFilter.reboot', sub { reaches(call('reboot', 0, 0, 0, 0)) };
    act 'CapabilityBoundingSet.sets', sub { my $own = status(); grep { $own->{$_} !~ /^0+$/ } qw(CapBnd CapEff CapPrm) };
    act 'CapabilityBoundingSet.chown', sub { owning(0600, sub { chown 12345, 12345, $_[0] }) };
    act 'AmbientCapabilities.set', sub { status()->{CapAmb} !~ /^0+$/ };
    act 'KeyringMode.session', sub {
      # A session keyring of its own is called _ses; what is inherited is another process's, or the user's.
      my $buffer = "\0" x 256;
      call('keyctl', 6, -3, $buffer, 256) or return;
      $buffer !~ /^keyring;$>;\d+;[^;]+;_ses\0/;
    };
    act 'UMask.mode', sub { owning(0666, sub { $! = 0; (stat $_[1])[2] & 077 }) };
    act 'TemporaryFileSystem.others', sub { lists($home =~ s,/[^/]+$,,r, '^other') };
    act 'TemporaryFileSystem.registry', sub { -e "$state/registry.sqlite" };
    act 'TemporaryFileSystem.environment', sub { -e "$home/env" };
    act 'TemporaryFileSystem.folder', sub { makes("$home/$witness") };
    act "BindPaths.$_", sub { writes("$home/$_/$witness") } for qw(config data cache);
    print "ACT done\n";
    sleep 1 until $isOnce;
    """#
}
