extension ManifestReader {
  func installStep(_ value: YAMLValue) throws -> InstallStep {
    let fields = try value.fields(["apt", "download", "steamcmd"])
    switch (fields["apt"], fields["download"], fields["steamcmd"]) {
    case (let apt?, nil, nil):
      return .apt(
        try apt.list().map { entry in
          try entry.text().split(separator: "|").map { $0.trimming(" ") }
        })
    case (nil, let download?, nil): return .download(try self.download(download))
    case (nil, nil, let server?): return .steam(try steamServer(server))
    default: throw value.error("expected one of 'apt', 'download' and 'steamcmd'")
    }
  }

  private func download(_ value: YAMLValue) throws -> Download {
    let fields = try value.fields(["url", "sha256", "to", "extract", "strip", "when"])
    return Download(
      try value.required("url", in: fields).template(), sha256: try value.required("sha256", in: fields).template(),
      to: try value.required("to", in: fields).template(), unpacked: try fields["extract"]?.boolean() ?? false,
      strip: try fields["strip"]?.integer() ?? 0, when: try fields["when"].map(condition))
  }

  private func steamServer(_ value: YAMLValue) throws -> SteamServer {
    let fields = try value.fields(["app", "branch", "when"])
    return SteamServer(
      try value.required("app", in: fields).integer(), branch: try fields["branch"]?.text(),
      when: try fields["when"].map(condition))
  }
}
