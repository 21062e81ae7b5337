import BerthKit
import Testing

@testable import BerthHost

@Suite("Host names that other sites have")
struct TakenNamesTests {
  @Test("nginx's files are told apart as it prints them, and Berth's own are none of others")
  func nginx() {
    let configuration = """
      # configuration file /etc/nginx/nginx.conf:
      http { include conf.d/*.conf; }
      # configuration file /etc/nginx/sites-enabled/ward:
      server {
        # server_name old.example;
        server_name ward.example www.ward.example;
      }
      # configuration file /etc/nginx/conf.d/berth-eqmd_default.conf:
      server { server_name ward.example; }
      """
    let complaint = """
      nginx: [warn] conflicting server name "ward.example" on 0.0.0.0:80, ignored
      nginx: [warn] conflicting server name "old.example" on 0.0.0.0:80, ignored
      """
    let taken = TakenNames(complaint, in: TakenNames.nginxFiles(configuration))
    #expect(taken.lines == ["'/etc/nginx/sites-enabled/ward' has the name 'ward.example' already"])
  }

  @Test("Caddy's sites are found by their addresses")
  func caddy() {
    let files = [
      (path: "/etc/caddy/Caddyfile", text: "https://ward.example:443, other.example {\n\trespond 1\n}\n"),
      (path: "/etc/caddy/notes", text: "ward.example.org is another one\n"),
    ]
    let taken = TakenNames("Error: ambiguous site definition: ward.example", in: files)
    #expect(taken.lines == ["'/etc/caddy/Caddyfile' has the name 'ward.example' already"])
    #expect(TakenNames("Error: unknown directive", in: files).lines == [])
  }
}
