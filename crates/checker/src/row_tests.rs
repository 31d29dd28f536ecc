//! The rows as tests of their own.

/// Makes a module with a test for each of these rows, which calls the function `check` of
/// the module around it with the row's name; and a test that no row of the stage's server
/// or client is left out.
///
/// ```
/// # fn check_server(_: &str) {}
/// checker::row_tests! {
///     mod server, check_server, checker::Stage::Echo, checker::Side::Server;
///     e_01 e_02 e_03 e_04 e_05 e_06 e_07 e_08 e_09
/// }
/// ```
#[macro_export]
macro_rules! row_tests {
    (mod $module:ident, $check:ident, $stage:expr, $side:expr; $($row:ident)*) => {
        mod $module {
            #[allow(unused_imports, reason = "the stage and the side may be paths")]
            use super::*;

            /// `E-01` of `e_01`.
            fn id(test: &str) -> String {
                test.replace('_', "-").to_uppercase()
            }

            $(
                #[test]
                fn $row() {
                    $check(&id(stringify!($row)));
                }
            )*

            #[test]
            fn no_row_is_left_out() {
                let tested = [$(id(stringify!($row))),*];
                let promised = $crate::rows($stage, $side);
                assert!(promised.iter().map(|row| row.id).eq(tested));
            }
        }
    };
}
