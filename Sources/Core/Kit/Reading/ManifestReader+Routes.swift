extension ManifestReader {
  func route(_ id: String, _ value: YAMLValue) throws -> Route {
    let fields = try value.fields(["host", "path", "port", "static", "max-body", "auth", "sticky", "when"])
    return Route(
      id, host: try value.required("host", in: fields).template(),
      path: try fields["path"]?.text() ?? "/",
      port: try value.required("port", in: fields).text(),
      staticFolders: try fields["static"]?.entries().map { Route.StaticFolder($0.key, try $0.value.template()) } ?? [],
      maxBody: try fields["max-body"].map(size),
      auth: try fields["auth"]?.template(),
      isSticky: try fields["sticky"]?.boolean() ?? false,
      when: try fields["when"].map(condition))
  }

  private func size(_ value: YAMLValue) throws -> Int {
    guard let bytes = ByteSize.bytes(of: try value.text()) else {
      throw value.error("expected a size such as 50M or 2G")
    }
    return bytes
  }
}
