import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("hospitals on bad days")
  struct HospitalBadDayTests {
    private static let image = "localhost/berth-test/eqmd:1"
    private static let hostile = #"São "José" 'of' $HOME ${X} #1; %i \e"#

    init() throws { try BootedHost.require() }

    @Test("what a value holds is what the program, Compose and a shell read")
    func hostile() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        let hospital = try await Hospitals.install(
          "Odd", image: Self.image, "--set", "hospital-name=\(Self.hostile)", "--set", "hospital-address=a'b\\")
        #expect(try await Hospitals.page(hospital, "/") == "\(Self.hostile), version 1")
        let folder = try #require(hospital["dir"].text)
        for name in [".env", "compose.berth.json"] {
          let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
          #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.ownerAccountName] as? String == "root")
        }
        let shell = try await BootedHost.output(
          "sh", "-c", ". \(folder)/.env; printf '%s|%s' \"$HOSPITAL_NAME\" \"$HOSPITAL_ADDRESS\"")
        #expect(shell == "\(Self.hostile)|a'b\\")
        let file = "\(folder)/data/probe.yaml"
        try "services: { x: { image: y, labels: { a: \"${HOSPITAL_NAME}\", b: \"${HOSPITAL_ADDRESS}\" } } }\n"
          .write(toFile: file, atomically: true, encoding: .utf8)
        let read = try await BootedHost.output(
          "docker", "compose", "--env-file", "\(folder)/.env", "--file", file, "config", "--format", "json")
        // Compose doubles the dollar signs of what it prints, so that it could be read again.
        let labels = try JSON(parsing: read)["services"]["x"]["labels"]
        #expect(labels["a"].text?.replacing("$$", with: "$") == Self.hostile && labels["b"].text == "a'b\\")
        let refused = try await Person.root.berth("config", "set", "eqmd", "hospital-name=a'b`c")
        #expect(refused.status == 64 && refused.errors.contains("cannot stand in .env"), "\(refused.errors)")
        try await Hospitals.removeAll()
      }
    }

    @Test(
      "every setting reaches the program as it reads it, and a variable that it does not read is none of the plugin's")
    func settings() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        let set = [
          "hospital-city=Ilhéus", "hospital-state=Bahia", "hospital-website=https://a.example", "hospital-cnes=0123456",
          "hospital-cnpj=12.ABC.345/01DE-35", "hospital-short-id=hgrs", "hospital-logo=https://a.example/l.png",
          "other-hosts=ward.local,10.0.0.7", "secure-cookies=false", "time-zone=America/Manaus", "mail=smtp",
          "mail-server=mail.example", "mail-port=2525", "mail-tls=false", "mail-user=ward", "mail-password=s3cret word",
          "mail-from=ward@example.org", "mail-verification=none", "pdf-forms=true", "pdf-forms-size=2048",
          "pdf-forms-validation=false", "oidc-issuer=https://full.example",
        ]
        let words = Hospitals.words("Full", image: Self.image, set.flatMap { ["--set", $0] })
        let run = try await Person.root.berth(words)
        try #require(run.status == 0, "\(run.errors)")
        let read = try JSON(parsing: try #require(try await Hospitals.page(try run.json(), "/read/")))
        #expect(
          read["ALLOWED_HOSTS"].list.map(\.text)
            == ["full.example", "www.full.example", "ward.local", "10.0.0.7", "127.0.0.1"])
        #expect(
          read["CSRF_TRUSTED_ORIGINS"].list.map(\.text) == ["https://full.example", "https://www.full.example"])
        for name in ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "EMAIL_USE_TLS", "DEBUG"] {
          #expect(read[name] == .boolean(false), "\(name)")
        }
        #expect(read["HOSPITAL_PDF_FORMS_ENABLED"] == .boolean(true) && read["HAS_EMAIL_PASSWORD"] == .boolean(true))
        #expect(read["PDF_FORMS"]["MAX_FILE_SIZE"].integer == 2048)
        #expect(read["PDF_FORMS"]["REQUIRE_VALIDATION"] == .boolean(false))
        let texts = [
          "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "mail.example",
          "EMAIL_HOST_USER": "ward", "DEFAULT_FROM_EMAIL": "ward@example.org", "ACCOUNT_EMAIL_VERIFICATION": "none",
          "OIDC_ISSUER": "https://full.example", "TIME_ZONE": "America/Manaus",
        ]
        for (name, value) in texts { #expect(read[name].text == value, "\(name)") }
        #expect(read["EMAIL_PORT"].integer == 2525)
        let hospital = [
          "CITY": "Ilhéus", "STATE_FULL": "Bahia", "WEBSITE": "https://a.example", "CNES": "0123456",
          "CNPJ": "12.ABC.345/01DE-35", "SHORT_ID": "hgrs", "LOGO_URL": "https://a.example/l.png", "EMAIL": "",
        ]
        for (name, value) in hospital { #expect(read["HOSPITAL"][name].text == value, "\(name)") }
        // The control: the program refuses what it does not read, and so would have refused a misspelt variable.
        let folder = try #require(try run.json()["dir"].text)
        let trial = try await SubprocessRunner().run(
          Command(
            "docker",
            [
              "compose", "--project-directory", folder, "--file", "\(folder)/compose.yaml", "--file",
              "\(folder)/compose.berth.json", "run", "--rm", "--no-deps", "--env", "HOSPITAL_NMAE=x", "eqmd", "python",
              "manage.py", "check",
            ]))
        #expect(trial.status != 0 && (trial.output + trial.errorOutput).contains("does not read HOSPITAL_NMAE"))
        try await Hospitals.removeAll()
      }
    }

    @Test("an image that is not there, ends at once or never gets well is an error, and leaves nothing")
    func badImages() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await BootedHost.withPlugins { plugins in
        try Self.putWard(in: plugins)
        try await Hospitals.withDocker {
          try await Hospitals.load("postgres", as: Hospitals.postgres)
          try await Hospitals.load("broken", as: "localhost/berth-test/broken:1")
          try await Hospitals.load("sick", as: "localhost/berth-test/sick:1")
          try await Hospitals.load("django-1", as: Self.image)
          let made = "localhost/berth-test"
          let cases = [
            (Hospitals.words("Bad", image: "\(made)/nothing:1"), "no-image", 69),
            (Hospitals.words("Bad", image: "registry.invalid/eqmd:1"), "no-image", 69),
            (
              Hospitals.words("Bad", image: Self.image, postgres: "\(made)/broken:1"),
              "this image is broken on purpose",
              70
            ),
            (["install", "ward", "--set", "image=\(made)/sick:1", "--json"], "it answered 500", 70),
          ]
          for (words, says, status) in cases {
            let run = try await Person.root.with(plugins: plugins).berth(words)
            #expect(run.status == Int32(status), "\(run.errors)")
            #expect(run.errors.contains(says), "\(run.errors)")
            #expect(try await Hospitals.left() == [])
          }
          #expect(try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before) == [])
        }
      }
      let silent = try await Person.root.berth(Hospitals.words("Bad", image: Self.image))
      #expect(silent.status == 69 && silent.errors.contains("docker-silent"), "\(silent.errors)")
    }

    @Test("a host that lacks Docker, Compose, Podman or its generator is told what is missing, before anything else")
    func missing() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await Hospitals.withDocker {
        let jellyfin = ["install", "jellyfin", "--set", "image=\(Self.image)", "--json"]
        let hospital = Hospitals.words("Bad", image: Self.image)
        let plugins = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins"].map { "\($0)/docker-compose" }
        let compose = try #require(plugins.first(where: FileManager.default.fileExists))
        let cases = [
          ("/usr/bin/docker", hospital, "no-docker"), (compose, hospital, "no-compose"),
          ("/usr/bin/podman", jellyfin, "no-podman"),
          ("/usr/lib/systemd/system-generators/podman-system-generator", jellyfin, "no-quadlet"),
        ]
        for (program, words, code) in cases {
          try FileManager.default.moveItem(atPath: program, toPath: "\(program).away")
          defer { try? FileManager.default.moveItem(atPath: "\(program).away", toPath: program) }
          let run = try await Person.root.berth(words)
          #expect(run.status == 69, "\(run.errors)")
          #expect(run.errors.contains("\"\(code)\""), "\(run.errors)")
        }
      }
      #expect(try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before) == [])
    }

    @Test("a program that is killed comes back, and so does a hospital after a restart of Docker")
    func comesBack() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        let hospital = try await Hospitals.install("North", image: Self.image)
        try await Hospitals.admit("Ana", to: hospital)
        try await BootedHost.run("docker", "kill", "eqmd_north_eqmd")
        try await eventually("the page", within: 60) { try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"# }
        try await BootedHost.run("systemctl", "restart", "docker")
        try await eventually("the page", within: 60) { try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"# }
        try await eventually("that it runs", within: 60) {
          try await Person.root.berth("status", "eqmd", "--json").json()["status"].text == "running"
        }
        try await Hospitals.removeAll()
      }
    }

    /// A plugin with one service of Docker Compose that should answer soon.
    private static func putWard(in folder: String) throws {
      let yaml = """
        schema: 1
        id: ward
        name: Ward
        summary: Only for a test
        category: health
        version: "1"
        settings: { image: { type: image } }
        ports: { http: { protocol: tcp, default: 18790, bind: 127.0.0.1, target: 8080 } }
        services:
          main:
            compose: compose.yaml
            env: { IMAGE: "{{settings.image}}" }
            stop: { grace: 2s }
            ready: { http: { port: http, path: /health }, timeout: 5s }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/ward/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/ward/plugin.yaml", atomically: true, encoding: .utf8)
      try "services: { main: { image: \"${IMAGE}\" } }\n"
        .write(toFile: "\(folder)/ward/files/compose.yaml", atomically: true, encoding: .utf8)
    }
  }
}
