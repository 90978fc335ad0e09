//! XML documents, in which no text can become markup.

use super::displayable;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// What an element is written to.
pub type Xml = Writer<Vec<u8>>;

/// A document with the element that `root` writes.
pub fn document(root: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let declaration = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
    xml.write_event(declaration).and_then(|()| root(&mut xml)).expect("memory can be written");
    String::from_utf8(xml.into_inner()).expect("names and texts are UTF-8") + "\n"
}

/// An element with attributes and what `inner` writes.
pub fn element(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&str, &str)],
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let attributes: Vec<(&str, String)> = attributes.iter().map(|(name, value)| (*name, allowed(value))).collect();
    let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
    xml.create_element(name).with_attributes(attributes).write_inner_content(inner).map(|_| ())
}

/// An element without content.
pub fn empty(xml: &mut Xml, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    let attributes: Vec<(&str, String)> = attributes.iter().map(|(name, value)| (*name, allowed(value))).collect();
    let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
    xml.create_element(name).with_attributes(attributes).write_empty().map(|_| ())
}

/// Lines of text as the content of an element.
pub fn text(xml: &mut Xml, lines: &[String]) -> io::Result<()> {
    let lines: Vec<String> = lines.iter().map(|line| allowed(line)).collect();
    xml.write_event(Event::Text(BytesText::new(&lines.join("\n"))))
}

/// One line without the characters that XML has no way to write.
fn allowed(text: &str) -> String {
    displayable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
