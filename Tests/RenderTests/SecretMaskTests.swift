import BerthKit
import Testing

@testable import BerthRender

@Suite("Secrets in texts that are shown") struct SecretMaskTests {
  @Test("every secret is masked, the longest first, and empty ones are nothing")
  func masks() {
    #expect(SecretMask.masked("a hunter2 b hunter2\n", secrets: ["hunter2"]) == "a •••••• b ••••••\n")
    #expect(SecretMask.masked("ab abc\n", secrets: ["ab", "abc"]) == "•••••• ••••••\n")
    #expect(SecretMask.masked("ab\n", secrets: [""]) == "ab\n")
    #expect(SecretMask.masked("ab\n", secrets: []) == "ab\n")
    #expect(SecretMask.masked("", secrets: ["x"]) == "")
    #expect(SecretMask.masked("••\n", secrets: ["•"]) == "••••••••••••\n")
  }

  @Test("secrets that overlap leave no end of each other")
  func overlaps() {
    #expect(SecretMask.masked("x abcde y", secrets: ["abc", "cde"]) == "x •••••• y")
  }

  @Test("a secret is masked as a file of Docker Compose has it, where its signs stand twice")
  func compose() throws {
    for secret in ["a$b", "$", "pa$$w\"ord", "a\\$b", "${X}"] {
      let text = try ComposeText.json(["KEY": ComposeText.literal(secret)])
      #expect(SecretMask.masked(text, secrets: [secret]) == "{\n  \"KEY\" : \"••••••\"\n}", "\(secret)")
    }
  }

  @Test("a short value of a variable of the instance's own is masked with its name, and nowhere else")
  func ownVariables() throws {
    let secrets = SecretMask.secrets(
      ["sesame"], and: ["title": "1", "env.A": "1", "env.B@main": "$\"", "env.C": "longer"])
    #expect(SecretMask.masked("A=1\nB=$\"\nP=1\nAA=2\n", secrets: secrets) == "••••••\n••••••\nP=1\nAA=2\n")
    let text = try ComposeText.json(["A": "1", "B": ComposeText.literal("$\""), "C": "longer", "D": "1", "E": "sesame"])
    #expect(
      SecretMask.masked(text, secrets: secrets)
        == "{\n  ••••••,\n  ••••••,\n  \"C\" : \"••••••\",\n  \"D\" : \"1\",\n  \"E\" : \"••••••\"\n}")
  }

  @Test(
    "a secret is masked in the form in which a config file has it",
    arguments: [ConfigFile.Format.properties, .words, .env, .template])
  func forms(_ format: ConfigFile.Format) throws {
    let file = ConfigFile(
      "a.cfg", format,
      values: format == .template ? [] : [.init("key", Template(segments: [.variable("settings.token")]))],
      template: format == .template ? "key {{settings.token}}\n" : nil)
    for secret in HostileText.all where secret.utf8.count > 1 {
      guard let text = try? configText(file, settings: [Setting("token", .password)], ["token": .text(secret)]) else {
        continue
      }
      let masked = SecretMask.masked(text, secrets: [secret])
      let frames = ["key = ••••••\n", "key ••••••\n", "key \"••••••\"\n", "key=\"••••••\"\n"]
      // A secret of signs that the format uses itself takes some of them along.
      if secret.unicodeScalars.contains(where: { $0.properties.isAlphabetic }), !secret.contains("key") {
        #expect(frames.contains(masked), "\(secret): \(masked)")
      }
      #expect(masked.contains("••••••"), "\(secret): \(masked)")
    }
  }

  @Test(
    "a secret is masked in files with paths of keys",
    arguments: [ConfigFile.Format.ini, .xml, .json, .yaml, .toml, .unreal])
  func paths(_ format: ConfigFile.Format) throws {
    var masked = 0
    for secret in HostileText.all where secret.utf8.count > 3 && !secret.contains("key") {
      // Also where the file's own quotes stay around it.
      for existing in [format == .yaml ? "top:\n  key: 'x'\n" : "", ""] {
        let assignment = ConfigAssignment(["top", "key"], .text(secret))
        guard
          let text = try? ConfigText.setting([assignment], in: existing, format: format, file: "f", id: "f")
        else { continue }
        let shown = SecretMask.masked(text, secrets: [secret])
        #expect(shown.contains("••••••"), "\(secret): \(text)")
        #expect(!shown.contains(secret), "\(secret): \(shown)")
        masked += 1
      }
    }
    #expect(masked > 50)
  }

  @Test("a secret in XML is masked")
  func xml() {
    #expect(SecretMask.masked("<p>a&lt;b&amp;\"</p>", secrets: ["a<b&\""]) == "<p>••••••</p>")
    #expect(SecretMask.masked("<p k='a&lt;&quot;&apos;'/>", secrets: ["a<\"'"]) == "<p k='••••••'/>")
  }

  @Test("a difference shows that a secret changed, and neither what it was nor what it is")
  func changed() {
    let diff = SecretMask.maskedDiff(
      old: "port 1\npassword old-one\nname x\n", new: "port 1\npassword new-one\nname x\n", path: "a.cfg",
      oldSecrets: ["old-one"], newSecrets: ["new-one"])
    #expect(
      diff == """
        --- a.cfg
        +++ a.cfg
        @@ -1,3 +1,3 @@
         port 1
        -password ••••••
        +password •••••• (changed)
         name x

        """)
  }

  @Test("secrets that change places are shown as changed")
  func swapped() {
    let diff = SecretMask.maskedDiff(
      old: "a one1\nb two2\n", new: "a two2\nb one1\n", path: "f", oldSecrets: ["one1", "two2"],
      newSecrets: ["two2", "one1"])
    #expect(diff.hasSuffix("-a ••••••\n-b ••••••\n+a •••••• (changed)\n+b •••••• (changed)\n"))
  }

  @Test("a secret that stays is not called changed, nor one in a file that is new")
  func unchanged() {
    let secrets = ["s3cret"]
    #expect(
      SecretMask.maskedDiff(
        old: "a 1 s3cret\n", new: "a 2 s3cret\n", path: "f", oldSecrets: secrets, newSecrets: secrets)
        == "--- f\n+++ f\n@@ -1 +1 @@\n-a 1 ••••••\n+a 2 ••••••\n")
    #expect(
      SecretMask.maskedDiff(old: nil, new: "a s3cret\n", path: "f", oldSecrets: [], newSecrets: secrets)
        == "--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a ••••••\n")
    #expect(
      SecretMask.maskedDiff(old: "a s3cret\n", new: nil, path: "f", oldSecrets: secrets, newSecrets: [])
        == "--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a ••••••\n")
    #expect(
      SecretMask.maskedDiff(old: "s3cret", new: "s3cret", path: "f", oldSecrets: secrets, newSecrets: secrets) == "")
  }
}
