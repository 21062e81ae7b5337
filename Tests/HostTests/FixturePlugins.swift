import TestSupport

/// Small plugins whose programs every Debian has, so that tests can make a service do what they need.
enum FixturePlugins {
  /// A service that stays, says a line, and listens nowhere.
  static func idle(_ id: String = "idle", extra: String = "") -> String {
    """
    schema: 1
    id: \(id)
    name: Idle
    summary: Waits
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      greeting: { type: string, default: "hello from {{instance.name}}" }
    ports:
      game: { protocol: udp, default: \(FreePorts.block(10)) }
    services:
      main:
        exec: ["{{programs.perl}}", -le, "$| = 1; print qq(said: $ARGV[0]); sleep 1 while 1", "{{settings.greeting}}"]
        stop: { signal: SIGTERM, grace: 5s }
    \(extra)
    """
  }

  /// A server that does what it reads, keeps a book of it, and writes the book down when it is told to.
  static let scribe = """
    schema: 1
    id: scribe
    name: Scribe
    summary: Reads its standard input
    category: game
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      motto: { type: string, default: good night }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -e
          - >-
            $| = 1; my @book; sub save { open my $f, q(>), q(book) or die; print $f join(q(|), @book); close $f }
            while (<STDIN>) { chomp; if (/^save$/) { save; print qq(saved\\n) } elsif (/^exit (.*)/) { push @book, qq(exit $1); save; exit 0 }
            else { push @book, $_; print qq(noted: $_\\n) } }
            die qq(no more input)
        stop: { first: { console: "exit {{settings.motto}}", ends: true }, signal: SIGTERM, grace: 5s }
    console: { protocol: stdin, announce: "say {{message}}" }
    backup:
      book: { files: ["{{paths.data}}/book"], hot: true, before: [{ console: save }] }
    """

  /// A web server that says no for some times, and then yes.
  static func web(port: Int) -> String {
    """
    schema: 1
    id: web
    name: Web
    summary: Answers
    category: web
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      after: { type: int, default: 2, help: How many times it says no }
    ports:
      http: { protocol: tcp, default: \(port), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - >-
            my ($port, $left) = @ARGV;
            my $server = IO::Socket::INET->new(LocalAddr => q(127.0.0.1), LocalPort => $port, Listen => 5, ReuseAddr => 1) or die;
            while (my $client = $server->accept) { <$client>;
            print $client $left-- > 0 ? qq(HTTP/1.1 503 no\\r\\n\\r\\n) : qq(HTTP/1.1 200 OK\\r\\n\\r\\n); close $client }
          - "{{ports.http}}"
          - "{{settings.after}}"
        stop: { signal: SIGTERM, grace: 2s }
        ready: { http: { port: http, path: /health }, timeout: 5s }
    """
  }

  /// A service that says why and ends at once.
  static let failing = """
    schema: 1
    id: failing
    name: Failing
    summary: Ends at once
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    ports:
      game: { protocol: udp, default: 11100 }
    services:
      main:
        exec: ["{{programs.perl}}", -e, "die qq(the map is missing)"]
        ready: { udp: game, timeout: 5s }
    config:
      app.conf: { format: properties, values: { port: "{{ports.game}}" } }
    """

  /// A service that stays but never opens its port.
  static let deaf = """
    schema: 1
    id: deaf
    name: Deaf
    summary: Never gets ready
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    ports:
      game: { protocol: tcp, default: 11200 }
    services:
      main:
        exec: ["{{programs.perl}}", -le, "$| = 1; print qq(still loading); sleep 1 while 1"]
        stop: { grace: 2s }
        ready: { tcp: game, timeout: 2s }
    """

  /// A server that takes its time to listen.
  static func slow(port: Int, seconds: Int) -> String {
    slow(port: port, waiting: "sleep \(seconds)", timeout: 30)
  }

  /// A server that listens as soon as its data folder has a file of this name, however long that takes.
  ///
  /// - Parameters:
  ///   - settings: those that it has, each with a default, in its environment.
  ///   - extra: more keys of the plugin.
  static func slow(port: Int, until file: String, settings: [String: String] = [:], extra: String = "") -> String {
    let lines = settings.sorted { $0.key < $1.key }
    let own = lines.map { "\($0.key): { type: string, default: \"\($0.value)\" }" }
    let variables = lines.map { "\($0.key.uppercased()): \"{{settings.\($0.key)}}\"" }
    return slow(
      port: port, waiting: "select(undef, undef, undef, 0.1) until -e q(\(file))", timeout: 300,
      service: variables.isEmpty ? "" : "env: { \(variables.joined(separator: ", ")) }",
      extra: (own.isEmpty ? "" : "settings: { \(own.joined(separator: ", ")) }\n") + extra)
  }

  private static func slow(
    port: Int, waiting: String, timeout: Int, service: String = "", extra: String = ""
  ) -> String {
    """
    schema: 1
    id: slow
    name: Slow
    summary: Listens late
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    ports:
      game: { protocol: udp, default: \(port) }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - "\(waiting); my $s = IO::Socket::INET->new(Proto => 'udp', LocalPort => $ARGV[0]) or die; sleep 1 while 1"
          - "{{ports.game}}"
        stop: { grace: 2s }
        ready: { udp: game, timeout: \(timeout)s }
        \(service)
    \(extra)
    """
  }
}
