#!/usr/bin/perl
# Answers where real applications answer their health checks, so that it can stand in for those that Debian lacks.
#   PORT     where to listen (default 8080)
#   VERSION  what /version says
#   SICK     not empty: every health path answers 500
# The environment is given at /environment, and kept in /config/environment where that can be written: one variable after
# the other, each ended by a zero byte, as in /proc/PID/environ.
use strict;
use warnings;
use IO::Socket::IP;

# Process 1 has no default for signals.
$SIG{TERM} = $SIG{INT} = sub { exit 0 };
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
$| = 1;

my $port = $ENV{PORT} // 8080;
my $version = $ENV{VERSION} // 'none';
my %health = map { $_ => 1 } qw(/health /health/ /ping /api/v2/app/version /api/v1/status /transmission/rpc /identity);

my $environment = join '', map { "$_=$ENV{$_}\0" } sort keys %ENV;
if (open my $file, '>', '/config/environment') { print $file $environment; close $file }

# Both families, because "localhost" may mean either; IPv4 alone where there is no IPv6.
my %common = (LocalPort => $port, Listen => 128, ReuseAddr => 1);
my $server = IO::Socket::IP->new(%common, LocalHost => '::', V6Only => 0)
  // IO::Socket::IP->new(%common, LocalHost => '0.0.0.0')
  // die "cannot listen on port $port: $@\n";
print "web $version listens on port $port\n";

sub answer {
  my ($method, $path, $body) = @_;
  return (200, length($body) . "\n") if $method eq 'POST' || $method eq 'PUT';
  return $ENV{SICK} ? (500, "sick\n") : (200, "OK\n") if $health{$path};
  return (200, "web $version on " . host() . "\n") if $path eq '/';
  return (200, "$version\n") if $path eq '/version';
  return (200, host() . "\n") if $path eq '/host';
  return (200, $environment) if $path eq '/environment';
  return (404, "no $path here\n");
}

sub host { open my $file, '<', '/proc/sys/kernel/hostname' or return 'unknown'; chomp(my $name = <$file>); $name }

while (1) {
  my $client = $server->accept or next;
  next if fork;
  alarm 30;   # nobody keeps a process for ever
  my ($method, $path) = (<$client> // '') =~ m{^(\S+) ([^ ?]+)};
  my $length = 0;
  while (my $line = <$client>) {
    $length = $1 if $line =~ /^content-length:\s*(\d+)/i;
    last if $line =~ /^\r?$/;
  }
  read $client, my $body, $length if $length;
  my ($status, $text) = defined $path ? answer($method, $path, $body // '') : (400, "no HTTP\n");
  print $client "HTTP/1.1 $status -\r\nContent-Type: text/plain\r\nContent-Length: ", length $text,
    "\r\nConnection: close\r\n\r\n", defined $method && $method eq 'HEAD' ? '' : $text;
  close $client;
  exit 0;
}
