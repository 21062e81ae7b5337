import BerthHost
import BerthKit
import Foundation

/// An app in containers that takes commands: Teeworlds of Debian with its external console, and beside it a small server
/// that stands in for Palworld's REST interface, which is asked who plays with the console's password.
enum SpokenContainer {
  static let app = "spoken"
  private static let image = "localhost/berth-test/teeworlds:1"
  private static let rest = "localhost/berth-test/rest:1"

  /// The ports inside, as the kernel's tables write them.
  private static let inside = (econ: "20B0", rest: "2014")

  /// Answers as the real interface does, and 401 to whoever does not know the password.
  private static let server = #"""
    use strict;
    use warnings;
    use IO::Socket::INET;

    $SIG{TERM} = $SIG{INT} = sub { exit 0 };
    my $plain = "admin:$ENV{PASSWORD}";
    my $login = pack 'u', $plain;
    $login =~ s/^.//gm;
    $login =~ s/\n//g;
    $login =~ tr{` -_}{AA-Za-z0-9+/};
    my $missing = (3 - length($plain) % 3) % 3;
    substr($login, -$missing) = '=' x $missing if $missing;
    my $server = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 8212, Listen => 16, ReuseAddr => 1) or die $@;
    while (1) {
      my $client = $server->accept or next;
      my ($path) = (<$client> // '') =~ m{^\S+ (\S+)};
      my $said = '';
      while (my $line = <$client>) {
        $said = $1 if $line =~ /^authorization: basic (\S+)/i;
        last if $line =~ /^\r?$/;
      }
      my ($status, $body) = $said eq $login ? (200, '{}') : (401, '');
      $body = '{"players":[{"name":"Ann"}]}' if $status == 200 && $path eq '/v1/api/players';
      print $client "HTTP/1.1 $status -\r\nContent-Length: ", length $body, "\r\nConnection: close\r\n\r\n$body";
      close $client;
    }
    """#

  /// Gives an engine the two images, made of the guest's own files, unless it has them.
  static func load(_ engine: String) async throws {
    let known = try await SubprocessRunner().run(Command(engine, ["image", "inspect", image, rest]))
    if known.status == 0 { return }
    try await BootedHost.run(
      "sh", "-euc",
      #"""
      root=$(mktemp -d /var/tmp/berth-image-XXXXXX); trap 'rm -rf "$root"' EXIT; mkdir "$root/image"
      tar -xf /var/lib/berth-test/images/web.tar -C "$root/image"
      for file in /usr/games/teeworlds-server $(ldd /usr/games/teeworlds-server | grep -o '/[^ ]*'); do
        case $file in /usr/*) ;; *) file=/usr$file ;; esac
        install -D "$file" "$root/image$file"
      done
      mkdir -p "$root/image/usr/share/games"; cp -a /usr/share/games/teeworlds "$root/image/usr/share/games"
      printf %s "$4" > "$root/image/srv/rest.pl"; tar -cf "$root/image.tar" -C "$root/image" .
      take() { "$engine" import --change "WORKDIR /config" --change "CMD $1" "$root/image.tar" "$2" > /dev/null; }
      engine=$1
      take '["/usr/games/teeworlds-server","-f","server.cfg"]' "$2"; take '["/usr/bin/perl","/srv/rest.pl"]' "$3"
      """#, "sh", engine, image, rest, server)
  }

  /// An address of the host's own, where the kernel alone hands connections on; the REST interface is published there, and
  /// the console on every address.
  static let address = "10.250.17.1"

  /// Writes the plugin.
  ///
  /// - Parameter port: the first of three.
  static func put(_ engine: String, in folder: String, port: Int) throws {
    let user = "{{instance.uid}}:{{instance.gid}}"
    func form(_ image: String) -> String {
      engine == "docker" ? "compose: compose.yaml" : "container: { image: \"\(image)\", user: \"\(user)\" }"
    }
    func listens(_ port: String) -> String {
      "ready: { exec: [/usr/bin/grep, -q, \":\(port) 00000000:0000 0A\", /proc/net/tcp], timeout: 30s }"
    }
    let yaml = """
      schema: 1
      id: \(app)
      name: Spoken to
      summary: Only for a test
      category: game
      version: "1"
      settings:
        key: { type: secret, length: 24 }
      ports:
        game: { protocol: udp, default: \(port), service: main, target: 8303 }
        econ: { protocol: tcp, default: \(port + 1), service: main, target: 8368 }
        rest: { protocol: tcp, default: \(port + 2), bind: \(address), service: rest, target: 8212 }
      services:
        main:
          \(form(image))
          env: { XDG_DATA_HOME: /config, OWNER: "\(user)" }
          mounts: { /config: "{{paths.data}}/config" }
          stop: { signal: SIGINT, grace: 5s }
          \(listens(inside.econ))
        rest:
          \(form(rest))
          env: { PASSWORD: "{{settings.key}}", OWNER: "\(user)" }
          stop: { grace: 5s }
          \(listens(inside.rest))
      config:
        server.cfg:
          path: "{{paths.data}}/config/server.cfg"
          format: words
          service: main
          values:
            sv_register: "0"
            ec_bindaddr: 0.0.0.0
            ec_port: "8368"
            ec_password: "{{settings.key}}"
      query: { protocol: palworld-rest, port: rest }
      console: { protocol: teeworlds, port: econ, password: "{{settings.key}}" }
      backup:
        config: { files: ["{{paths.data}}/config"], hot: true }
      """
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder)/\(app)/files", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(folder)/\(app)/plugin.yaml", atomically: true, encoding: .utf8)
    guard engine == "docker" else { return }
    let compose = """
      services:
        main: { image: "\(image)", user: "${OWNER}" }
        rest: { image: "\(rest)", user: "${OWNER}" }
      """
    try compose.write(toFile: "\(folder)/\(app)/files/compose.yaml", atomically: true, encoding: .utf8)
  }

  // MARK: An instance that runs while its ports are nobody's

  private static let quadlet = ["main": "\(app)@default", "rest": "\(app)-rest@default"]

  /// Lets the containers run on, with none of their ports.
  ///
  /// Podman's monitor holds the ports for as long as the container lives, so that it is started anew without them, and without
  /// the look at who has them; Docker frees those of a container that is in no network.
  static func losePorts(_ engine: String) async throws {
    guard engine == "podman" else {
      for name in ["\(app)_default", "\(app)_default_rest"] {
        try await BootedHost.run("docker", "network", "disconnect", "\(app)_default", name)
      }
      return
    }
    for unit in quadlet.values {
      // All but the look at the ports, which would refuse the start.
      let generated = try String(contentsOfFile: "/run/systemd/generator/\(unit).service", encoding: .utf8)
      let others = generated.split(separator: "\n").filter {
        $0.hasPrefix("ExecStartPre=") && !$0.contains("probe")
      }
      let commands = (["[Service]", "ExecStartPre="] + others).joined(separator: "\n")
      for (folder, text) in [
        ("/run/containers/systemd/\(unit).container.d", "[Container]\nPublishPort=\n"),
        ("/run/systemd/system/\(unit).service.d", "\(commands)\n"),
      ] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: "\(folder)/test.conf", atomically: true, encoding: .utf8)
      }
    }
    try await BootedHost.run("systemctl", "daemon-reload")
    try await BootedHost.run("systemctl", "start", "\(app)@default.target")
    for unit in quadlet.values { try await BootedHost.run("systemctl", "start", "\(unit).service") }
  }

  /// Takes back what ``losePorts(_:)`` has written.
  static func regainPorts() async throws {
    for unit in quadlet.values {
      try? FileManager.default.removeItem(atPath: "/run/containers/systemd/\(unit).container.d")
      try? FileManager.default.removeItem(atPath: "/run/systemd/system/\(unit).service.d")
    }
    try await BootedHost.run("systemctl", "daemon-reload")
  }
}
