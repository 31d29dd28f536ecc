//! The arguments of a call, as a person would write them.

use super::address::{address, written_address};
use super::header::Message;
use super::memory::i32_at;
use super::message;
use super::number::{flags, int, named, pointer, size, text, unsigned};
use super::table::Form;
use super::time::time;
use super::{Gave, Site, bytes, file, names, options, readiness};
use crate::kind::Kind;
use crate::record::{Argument, Value};

/// What the program gave.
pub(super) fn given(site: &Site) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for (at, (name, form)) in site.spec.parameters.iter().enumerate() {
        match form {
            Form::Vector => {
                let length = size(bytes::length(site));
                arguments.push(Argument::new("len", length));
            }
            Form::Message => arguments.extend(message::given(site, name, site.args[at])),
            form => {
                let value = value(site, *form, at);
                arguments.extend(value.map(|value| Argument::new(name, value)));
            }
        }
    }
    arguments
}

/// What one argument says; none if there is nothing to be said of it.
fn value(site: &Site, form: Form, at: usize) -> Option<Value> {
    let Site { args, memory, .. } = *site;
    let this = args[at];
    Some(match form {
        Form::Socket | Form::AnyFile | Form::Source | Form::Replaced | Form::Int => {
            Value::Number(int(this).into())
        }
        Form::Unsigned => Value::Number(unsigned(this).into()),
        Form::Size => size(this),
        Form::One(names) => named(names, int(this).into()),
        Form::Flags(names) => flags(names, unsigned(this)),
        Form::MessageFlags => flags(names::MESSAGE_FLAGS, unsigned(this)),
        Form::OpenFlags => names::open_flags(unsigned(this)),
        Form::Family => named(names::FAMILIES, int(this).into()),
        Form::SocketType => names::socket_type(int(this)),
        Form::Protocol => names::protocol(int(args[0]), int(this)),
        Form::Address => given_address(site, at)?,
        Form::Level => options::level(int(this)),
        Form::OptionName => options::name(int(args[at - 1]), int(this)),
        Form::OptionValue => {
            let (level, option) = (int(args[at - 2]), int(args[at - 1]));
            let length = unsigned(args[at + 1]).into();
            options::value(memory, level, option, this, length)
        }
        Form::FileCommand => file::command(int(this)),
        Form::FileArgument => file::argument(int(args[at - 1]), this)?,
        Form::DeviceRequest => file::request(unsigned(this)),
        Form::DeviceArgument => file::request_argument(memory, unsigned(args[at - 1]), this)?,
        Form::Messages => message::list_given(site, at),
        Form::Interest => readiness::interest(memory, int(args[1]), this)?,
        Form::Poll => readiness::asked(memory, this, unsigned(args[at + 1])),
        Form::DescriptorSet => readiness::set(memory, this, int(args[0]))?,
        Form::Time(fraction) => time(memory, this, fraction),
        Form::Unseen | Form::Buffer | Form::Vector | Form::Message => return None,
        Form::AddressBack | Form::PairBack | Form::OptionBack | Form::EventsBack => return None,
    })
}

/// The address that a call is given. Without a place and a length there is none to speak
/// of, as in the `sendto` that is a `send`.
fn given_address(site: &Site, at: usize) -> Option<Value> {
    let (place, length) = (site.args[at], unsigned(site.args[at + 1]));
    if place == 0 && length == 0 {
        return None;
    }
    let address = address(site.memory, place, length.into());
    Some(address.map_or_else(|| pointer(place), text))
}

/// How many bytes there are for the address that the kernel writes.
pub(super) fn address_room(site: &Site) -> u64 {
    let parameters = site.spec.parameters.iter().enumerate();
    let rooms = parameters.filter_map(|(at, (_, form))| match form {
        Form::AddressBack => site.memory.u32(site.args[at + 1]),
        Form::Message => Message::read(site.memory, site.args[at]).map(|it| it.name_length),
        _ => None,
    });
    rooms.map(u64::from).next().unwrap_or(0)
}

/// What the kernel wrote for a call that came back with `result`.
pub(super) fn gave(site: &Site, result: u64, address_room: u64) -> Gave {
    let mut gave = Gave::default();
    for (at, (name, form)) in site.spec.parameters.iter().enumerate() {
        match form {
            Form::AddressBack => {
                let length = site.memory.u32(site.args[at + 1]).unwrap_or(0);
                let address = written_address(site.memory, site.args[at], length, address_room);
                let is_name = site.kind == Kind::Other;
                gave.peer = address.clone().filter(|_| !is_name);
                let value = address.map(|address| Argument::new(name, text(address)));
                gave.arguments.extend(value);
            }
            Form::PairBack => {
                let bytes = site.memory.read(site.args[at], size_of::<[i32; 2]>());
                let pair = [i32_at(&bytes, 0), i32_at(&bytes, size_of::<i32>())];
                gave.descriptors = pair.into_iter().flatten().collect();
                let pair = gave.descriptors.iter().copied().map(i64::from);
                let value = Value::List(pair.map(Value::Number).collect());
                gave.arguments.push(Argument::new(name, value));
            }
            Form::Message => message::gave(site, site.args[at], address_room, &mut gave),
            Form::Messages => message::list_gave(site, at, result, &mut gave),
            Form::FileArgument => {
                let flags = file::result(int(site.args[at - 1]), result);
                gave.arguments
                    .extend(flags.map(|flags| Argument::new("flags", flags)));
            }
            form => {
                let value = value_back(site, *form, at, result);
                gave.arguments
                    .extend(value.map(|value| Argument::new(name, value)));
            }
        }
    }
    gave
}

fn value_back(site: &Site, form: Form, at: usize, result: u64) -> Option<Value> {
    let Site { args, memory, .. } = *site;
    let this = args[at];
    match form {
        Form::OptionBack => {
            let (level, option) = (int(args[at - 2]), int(args[at - 1]));
            let length = memory.u32(args[at + 1])?.into();
            Some(options::value(memory, level, option, this, length))
        }
        Form::DeviceArgument => file::request_result(memory, unsigned(args[at - 1]), this),
        Form::EventsBack => Some(readiness::events(memory, this, result)),
        Form::Poll => Some(readiness::ready(
            memory,
            this,
            unsigned(args[at + 1]),
            result,
        )),
        // When nothing is ready, the sets are empty.
        Form::DescriptorSet if result > 0 => readiness::set(memory, this, int(args[0])),
        _ => None,
    }
}
