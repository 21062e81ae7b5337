import BerthKit
import Testing

@Suite("Names of units")
struct UnitNameTests {
  @Test(
    "know the template they are made from",
    arguments: [
      ("demo@default.target", "demo@.target"), ("demo@6f9619ff-8b86-4d01-b42d-00cf4fc964ff.service", "demo@.service"),
      ("demo-web@a.b.service", "demo-web@.service"), ("demo@.target", "demo@.target"), ("basic.target", "basic.target"),
      ("strange", "strange"), ("a.b@c", "a.b@c"),
    ])
  func template(unit: String, template: String) { #expect(UnitName.template(of: unit) == template) }
}
