import BerthKit

/// Makes programs of OpenSSH fail where they would ask a person, who may not be there: they wait at the terminal otherwise
/// (ssh(1), SSH_ASKPASS_REQUIRE).
enum SilentSSH {
  static let environment = ["SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force"]
}

/// Signatures by `ssh-keygen`, in the format that Git and others use too (PROTOCOL.sshsig of OpenSSH).
public struct SSHSignatures: FileSignatures {
  /// Whom the keys belong to, which nothing here goes by.
  private static let signer = "berth"

  private let runner: any ProcessRunner
  private let files: any FileTree

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    self.files = files
  }

  public func sign(_ path: String, by key: String, for namespace: String) async throws {
    // ssh-keygen asks before it writes over a file, and nobody is there to answer.
    try files.remove("\(path).sig")
    try await runner.succeed(
      Command(
        "ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace, path],
        environment: SilentSSH.environment))
  }

  public func verify(
    _ path: String, from place: String, signature: String, by keys: [String], for namespace: String, home: String
  ) async throws {
    let signers = "\(home)/signers"
    let lines = keys.map { "\(Self.signer) namespaces=\"\(namespace)\" \($0)\n" }
    try files.write(lines.joined(), to: signers, mode: 0o600, owner: nil, anchor: nil)
    let command = Command(
      "ssh-keygen", ["-Y", "verify", "-f", signers, "-I", Self.signer, "-n", namespace, "-s", signature], input: path)
    let result = try await runner.run(command)
    guard result.status == 0 else { throw BerthError.notSigned(place, result.errorOutput + result.output) }
  }
}
