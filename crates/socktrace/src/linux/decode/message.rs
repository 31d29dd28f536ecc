//! What `sendmsg`, `recvmsg` and those for several messages are given and give.

use super::address::{address, written_address};
use super::bytes;
use super::header::{Message, messages};
use super::number::{flags, list, pointer, size, text, unsigned};
use super::{Gave, Site, control};
use crate::kind::Kind;
use crate::record::{Argument, Value};

/// What a message says before the call: where it goes, how long it is or may be, and
/// what goes with it.
pub(super) fn given(site: &Site, name: &str, place: u64) -> Vec<Argument> {
    let memory = site.memory;
    let Some(message) = Message::read(memory, place) else {
        return vec![Argument::new(name, pointer(place))];
    };
    let mut arguments = Vec::new();
    let is_send = site.kind == Kind::Send;
    if is_send && message.name != 0 {
        let address = address(memory, message.name, message.name_length.into());
        let value = address.map_or_else(|| pointer(message.name), text);
        arguments.push(Argument::new("addr", value));
    }
    arguments.push(Argument::new("len", size(bytes::length(site))));
    arguments.push(Argument::new("iovlen", size(message.n_pieces)));
    if is_send {
        let control = message.control(memory).value;
        arguments.extend(control.map(|control| Argument::new("control", control)));
    }
    arguments
}

/// What the kernel wrote into a message that was received.
pub(super) fn gave(site: &Site, place: u64, address_room: u64, gave: &mut Gave) {
    let message = Message::read(site.memory, place);
    let Some(message) = message.filter(|_| site.kind != Kind::Send) else {
        return;
    };
    gave.peer = written_address(site.memory, message.name, message.name_length, address_room);
    let address = gave
        .peer
        .clone()
        .map(|peer| Argument::new("addr", text(peer)));
    gave.arguments.extend(address);
    let control = message.control(site.memory);
    let value = control.value.map(|value| Argument::new("control", value));
    gave.arguments.extend(value);
    gave.descriptors = control.descriptors;
    if message.flags != 0 {
        let flags = flags(super::names::MESSAGE_FLAGS, message.flags.cast_unsigned());
        gave.arguments.push(Argument::new("msg_flags", flags));
    }
}

/// The messages that a call is given: "5 bytes to 127.0.0.1:53", one after the other. Of
/// those that are to come there is nothing to tell but the room that there is for them.
pub(super) fn list_given(site: &Site, at: usize) -> Value {
    let (memory, place) = (site.memory, site.args[at]);
    let count = unsigned(site.args[at + 1]).into();
    let messages = messages(memory, place, count);
    if messages.is_empty() && count > 0 {
        return pointer(place);
    }
    let shown = messages.iter().map(|message| {
        let length = bytes::message_length(memory, message);
        if site.kind != Kind::Send {
            return text(format!("room for {length} bytes"));
        }
        let to = address(memory, message.name, message.name_length.into());
        let to = to.map_or_else(String::new, |to| format!(" to {to}"));
        text(format!(
            "{length} bytes{to}{}",
            with(&message.control(memory))
        ))
    });
    list(shown, count)
}

/// The messages that were moved: "5 bytes from 127.0.0.1:53", one after the other.
pub(super) fn list_gave(site: &Site, at: usize, result: u64, gave: &mut Gave) {
    let messages = messages(site.memory, site.args[at], result);
    let peer = |message: &Message| {
        let room = message.name_length.into();
        written_address(site.memory, message.name, message.name_length, room)
    };
    let shown = messages.iter().map(|message| {
        let length = message.length;
        if site.kind == Kind::Send {
            return text(format!("{length} bytes"));
        }
        let from = peer(message).map_or_else(String::new, |from| format!(" from {from}"));
        text(format!(
            "{length} bytes{from}{}",
            with(&message.control(site.memory))
        ))
    });
    gave.arguments
        .push(Argument::new("msgvec", list(shown, result)));
    if site.kind != Kind::Send {
        gave.peer = messages.first().and_then(peer);
        let controls = messages.iter().map(|message| message.control(site.memory));
        gave.descriptors = controls.flat_map(|control| control.descriptors).collect();
    }
}

fn with(control: &control::Control) -> String {
    let value = control.value.as_ref();
    value.map_or_else(String::new, |value| format!(" with {value}"))
}
