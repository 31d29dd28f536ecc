//! The report as JUnit has it, for CI systems and course sites.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Details, Finding, Report, RowReport};

/// One suite for each program, one case for each row.
pub(crate) fn junit(reports: &[Report]) -> anyhow::Result<String> {
    let mut all = quick_junit::Report::new("checker");
    let seconds = reports.iter().map(|report| report.seconds).sum();
    all.set_time(Duration::from_secs_f64(seconds));
    for report in reports {
        for part in &report.parts {
            let name = report.name.clone().unwrap_or_else(|| part.program.clone());
            let mut suite = TestSuite::new(name);
            suite.add_test_cases(part.rows.iter().map(case));
            all.add_test_suite(suite);
        }
        if let Some(error) = &report.error {
            let mut suite = TestSuite::new(report.name.clone().unwrap_or_default());
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error);
            suite.add_test_case(TestCase::new("start", status));
            all.add_test_suite(suite);
        }
    }
    Ok(all.to_string()?)
}

fn case(row: &RowReport) -> TestCase {
    let status = match &row.finding {
        Finding::Holds => TestCaseStatus::success(),
        Finding::Fails(details) => failure(details, "fails"),
        Finding::Unsteady(details) => failure(details, "unsteady"),
        Finding::NotJudged { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            status
        }
    };
    let mut case = TestCase::new(format!("{} {}", row.id, row.title), status);
    case.set_classname(row.id);
    case.set_time(Duration::from_secs_f64(row.seconds));
    case
}

fn failure(details: &Details, kind: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_type(kind)
        .set_message(&details.came)
        .set_description(format!(
            "sent: {}\nexpected: {}\ncame: {}\nlikely cause: {}\nchapter: {}\nagain: {}",
            details.sent,
            details.expected,
            details.came,
            details.cause,
            details.chapter,
            details.again
        ));
    status
}
