//! Where reports go, and how errors are told.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use plimsoll_model::Report;
use plimsoll_report::{DEFAULT_WIDTH_COLUMNS, FORMATS, Format, Style, TableKind, shown};

use crate::args::OutputArgs;
use crate::failure::Usage;

/// One report to write.
pub(crate) struct Output {
    format: &'static Format,
    /// `None` is standard output.
    pub(crate) file: Option<PathBuf>,
    table: Option<TableKind>,
}

/// Reads `--format` and `--table`.
///
/// # Errors
/// An unknown format or kind, two reports for standard output, a file for several targets.
pub(crate) fn parse(args: &OutputArgs, targets: usize) -> Result<Vec<Output>> {
    let table = args.table.as_deref().map(table_kind).transpose()?;
    let mut outputs = Vec::new();
    let wanted = args.format.clone().unwrap_or_else(|| vec!["table".to_owned()]);
    for text in &wanted {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text.as_str(), None),
        };
        let Some(format) = FORMATS.iter().find(|format| format.name == name) else {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            bail!(
                Usage::new(format!("`{name}` is no format"))
                    .with_hint(format!("take one of {}", names.join(", ")))
            );
        };
        if targets > 1 && file.is_some() {
            bail!(
                Usage::new("one file cannot hold the reports of several images")
                    .with_hint("scan them one by one, or write to standard output")
            );
        }
        outputs.push(Output { format, file, table });
    }
    if outputs.iter().filter(|output| output.is_stdout()).count() > 1 {
        bail!(
            Usage::new("two reports would go to standard output")
                .with_hint("write one of them to a file: `--format json=FILE`")
        );
    }
    Ok(outputs)
}

/// Writes a report to all its places; a file is written aside and renamed.
pub(crate) fn write(outputs: &[Output], report: &Report) -> Result<()> {
    for output in outputs {
        match &output.file {
            None => {
                let style = style(output.table);
                let mut out = BufWriter::new(std::io::stdout().lock());
                (output.format.write)(report, &style, &mut out)?;
                out.flush()?;
            }
            Some(path) => {
                let mut style = style(output.table);
                style.color = false;
                write_file(path, |out| (output.format.write)(report, &style, out))
                    .with_context(|| format!("cannot write `{}`", path.display()))?;
            }
        }
    }
    Ok(())
}

fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    // A device or a pipe cannot be replaced by a rename.
    if fs_err::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        let mut out = BufWriter::new(fs_err::OpenOptions::new().write(true).open(path)?);
        fill(&mut out)?;
        return out.flush();
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(".part");
    let aside = PathBuf::from(aside);
    let mut out = BufWriter::new(fs_err::File::create(&aside)?);
    let filled = fill(&mut out).and_then(|()| out.flush());
    if let Err(error) = filled {
        let _ = fs_err::remove_file(&aside);
        return Err(error);
    }
    drop(out);
    fs_err::rename(&aside, path)
}

/// Returns how reports for people look on standard output.
pub(crate) fn style(table: Option<TableKind>) -> Style {
    let out = std::io::stdout();
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let width = columns
        .or_else(|| {
            let size = if out.is_terminal() { terminal_size::terminal_size() } else { None };
            size.map(|(width, _)| usize::from(width.0))
        })
        .unwrap_or(DEFAULT_WIDTH_COLUMNS);
    let choice = anstream::AutoStream::choice(&out);
    Style {
        width: width.min(400),
        color: choice != anstream::ColorChoice::Never,
        table: table.unwrap_or_default(),
    }
}

fn table_kind(name: &str) -> Result<TableKind> {
    let Some(kind) = TableKind::ALL.into_iter().find(|kind| kind.name() == name) else {
        let names: Vec<&str> = TableKind::ALL.iter().map(|kind| kind.name()).collect();
        bail!(
            Usage::new(format!("`{name}` is no kind of table"))
                .with_hint(format!("take one of {}", names.join(", ")))
        );
    };
    Ok(kind)
}

/// Tells an error, and what to do.
pub(crate) fn error(text: &str, hint: Option<&str>) {
    anstream::eprintln!("error: {}", shown(text));
    if let Some(hint) = hint {
        anstream::eprintln!("\nhint: {}", shown(hint));
    }
}
