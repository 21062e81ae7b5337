import Testing

@Suite("Render") struct RenderSuites {}
