//! Tables as people have them: whatever the kind, it is read as it is meant, with what was passed over said, or refused
//! with the place. Any bytes give a table or a sentence.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{proxprop, refused, succeeds};
use proptest::prelude::*;
use proxprop::data::bytes::encoding;
use proxprop::data::{DataSource, Targets};
use proxprop::lab::scene::drawn_of_all;
use proxprop::lab::session::{Command, Event, Session};
use proxprop::lab::table::{self, Answers, Table, outline};
use tempfile::TempDir;

fn read(text: &str) -> Result<Table, String> {
    table::read(text, Answers::AsTheyLook, None)
}

/// The places and labels of a table that must be one.
fn rows(text: &str) -> (Vec<[f64; 2]>, Vec<String>) {
    let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let inputs = &table.points.inputs;
    let places = (0..inputs.nrows()).map(|i| [inputs[(i, 0)], inputs[(i, 1)]]);
    let Targets::Classes { labels, .. } = &table.points.targets else {
        panic!("{text:?}: values")
    };
    let labels = labels.iter().map(|&i| table.labels[i as usize].clone());
    (places.collect(), labels.collect())
}

/// What every text of [`the_same_points_however_they_are_written`] says.
fn three() -> (Vec<[f64; 2]>, Vec<String>) {
    let labels = ["a", "b", "a"].map(str::to_owned);
    (vec![[0.1, 0.2], [0.4, 0.1], [0.3, 0.9]], labels.to_vec())
}

#[test]
fn the_same_points_however_they_are_written() {
    for text in [
        "0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
        "0.1 0.2 a\n0.4 0.1 b\n0.3 0.9 a\n",
        "   0.1   0.2  a\n   0.4   0.1  b\n   0.3   0.9  a",
        "x y k\n0.1 0.2 a\n0.4 0.1 b\n0.3 0.9 a\n",
        "1.000e-01 2.000e-01 a\n4.000e-01 1.000e-01 b\n3.000e-01 9.000e-01 a\n",
        "0,1 0,2 a\n0,4 0,1 b\n0,3 0,9 a\n",
        "\"0,1\",\"0,2\",a\n\"0,4\",\"0,1\",b\n\"0,3\",\"0,9\",a\n",
        "sep=;\nx;y;k\n0,1;0,2;a\n0,4;0,1;b\n0,3;0,9;a\n",
        "\u{feff}SEP=,\r\n0.1,0.2,a\r\n0.4,0.1,b\r\n0.3,0.9,a\r\n",
        "\"sep=\t\"\n0.1\t0.2\ta\n0.4\t0.1\tb\n0.3\t0.9\ta\n",
        "sep=|\nx|y|k\n0.1|0.2|a\n0.4|0.1|b\n0.3|0.9|a\n",
        "0.1,0.2,a\r0.4,0.1,b\r0.3,0.9,a\r",
        "x, y, \"k\"\n0.1, 0.2, \"a\"\n0.4, 0.1, \"b\" \n0.3, 0.9, \"a\"\n",
        "x,y,k,\n0.1,0.2,a,\n0.4,0.1,b,\n0.3,0.9,a,\n",
        "x,y,k\n0.1,0.2,a,\n0.4,0.1,b,\n0.3,0.9,a,,\n",
        "x;y;k;;\n0.1;0.2;a;;\n;;;;\n0.4;0.1;b;;\n0.3;0.9;a;;\n",
        ",x,y,k\n0,0.1,0.2,a\n1,0.4,0.1,b\n2,0.3,0.9,a\n",
        ",x,y,k\n17,0.1,0.2,a\n4,0.4,0.1,b\n9,0.3,0.9,a\n",
        "Unnamed: 0,x,y,k\n0,0.1,0.2,a\n1,0.4,0.1,b\n2,0.3,0.9,a\n",
        ",0,1,2\n0,0.1,0.2,a\n1,0.4,0.1,b\n2,0.3,0.9,a\n",
        "\"\",\"x\",\"y\",\"k\"\n\"1\",0.1,0.2,\"a\"\n\"2\",0.4,0.1,\"b\"\n\"3\",0.3,0.9,\"a\"\n",
        "\"x\" \"y\" \"k\"\n\"1\" 0.1 0.2 \"a\"\n\"2\" 0.4 0.1 \"b\"\n\"3\" 0.3 0.9 \"a\"\n",
        "1,0.1,0.2,a\n2,0.4,0.1,b\n3,0.3,0.9,a\n",
        "Id,x,y,k\n1,0.1,0.2,a\n2,0.4,0.1,b\n3,0.3,0.9,a\n",
        "Nr.;x;y;k\n1;0,1;0,2;a\n2;0,4;0,1;b\n3;0,3;0,9;a\n",
        "Unnamed: 0,x,y,k\n3,0.1,0.2,a\n8,0.4,0.1,b\n5,0.3,0.9,a\n",
        "x|y|k\n0.1|0.2|a\n0.4|0.1|b\n0.3|0.9|a\n",
        "k,x,y\na,0.1,0.2\nb,0.4,0.1\na,0.3,0.9\n",
        "a,0.1,0.2\nb,0.4,0.1\na,0.3,0.9\n",
        "# points, of a class\n#x,y,k\n0.1,0.2,a\n\n# more\n0.4,0.1,b\n#\n0.3,0.9,a\n",
        "@relation moons\n@ATTRIBUTE x numeric\n@attribute y numeric\n@attribute k {a,b}\n\n@data\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
        "% of an experiment\n// and more\n0.1\t0.2\ta\n0.4\t0.1\tb\n0.3\t0.9\ta\n",
        "x,y,\"k\nind\"\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
    ] {
        assert_eq!(rows(text), three(), "{text}");
    }
}

#[test]
fn labels_that_differ_in_capitals_alone_are_told() {
    let table = read("x,y,k\n0.1,0.2,TRUE\n0.4,0.1,False\n0.3,0.9,true\n").unwrap();
    assert_eq!(table.labels, ["False", "TRUE", "true"]);
    let told = "\"TRUE\" and \"true\" are two classes: they differ in capital letters only.";
    assert!(
        table.remarks.iter().any(|remark| remark == told),
        "{:?}",
        table.remarks
    );
}

#[test]
fn labels_first_are_found_by_their_name_and_numbers_are_one_label_however_written() {
    assert_eq!(
        rows("label,x,y\n1,0.1,0.2\n1.0,0.4,0.1\n0,0.3,0.9\n2,0.5,0.5\n02,0,0\n").1,
        ["1", "1", "0", "2", "2"]
    );
    let table = read("0,0,1\n0,1,1.0\n1,0,2\n").unwrap();
    assert_eq!((table.labels.len(), &table.counts[..]), (2, &[2, 1][..]));
    assert!(
        table.remarks.concat().contains("as \"1\" and \"1.0\""),
        "{:?}",
        table.remarks
    );
}

#[test]
fn thousands_are_read_where_only_one_reading_is_left() {
    for text in [
        "950.5\t70\ta\n1,050\t64\tb\n1,100\t81\ta\n",
        "\"950.5\",70,a\n\"1,050\",64,b\n\"1,100\",81,a\n",
        "950,5;70;a\n1.050;64;b\n1.100;81;a\n",
        "950,5;70;a\n1 050;64;b\n1\u{a0}100;81;a\n",
        "950.5;70;a\n1'050;64;b\n1'100;81;a\n",
    ] {
        let table = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            table.scaled,
            Some(vec![(950.5, 1100.0), (64.0, 81.0)]),
            "{text}"
        );
    }
    let said = read("950.5\t70\ta\n1,050\t64\tb\n")
        .unwrap()
        .remarks
        .concat();
    assert!(said.contains("separates thousands"), "{said}");
    // In a table of three decimals throughout, the point is what it is everywhere.
    assert!(
        read("1.234;2.345;a\n2.345;1.234;b\n")
            .unwrap()
            .scaled
            .is_none()
    );
}

#[test]
fn what_has_two_readings_or_a_fault_is_refused_with_its_place() {
    for (text, words) in [
        (
            "dose\tweight\tk\n950\t70\ta\n1,050\t64\tb\n",
            "line 3: \"1,050\" may be 1050 or 1.05",
        ),
        (
            "950;70;a\n1.050;64;b\n",
            "line 2: \"1.050\" may be 1.05 or 1050",
        ),
        (
            "1.5;2;a\n2,5;1;b\n",
            "line 2: \"2,5\" has a decimal comma where \"1.5\" on line 1 has a decimal point",
        ),
        (
            "x,2,a\n1,3,b\n0,1,a\n",
            "line 1: it may name the columns (\"x\" stands above numbers) or be a row",
        ),
        (
            "0,1,2\n0.3,0.1,a\n0.2,0.2,b\n",
            "line 1: it may number the columns or be a row",
        ),
        (
            "0,1,2\n0.3,0.1,0\n0.2,0.2,1\n",
            "line 1: it may number the columns or be a row with the label \"2\"",
        ),
        (
            "x,y,k\n1,2,a\n#DIV/0!,4,b\n3,1,a\n",
            "line 3: \"#DIV/0!\" is not a number but an error of the spreadsheet, in column 1 (x)",
        ),
        (
            "#WERT!;4;b\n1;2;a\n",
            "line 1: \"#WERT!\" is not a number but an error of the spreadsheet, in column 1",
        ),
        (
            "x,y,k\n1,2,a\n3,4,#N/A\n",
            "line 3: \"#N/A\" is no label but an error of the spreadsheet, in column 3 (k)",
        ),
        (
            "1,2,a\n#3,4,b\n5,6,a\n",
            "line 2: \"#3\" is not a number; a note has a blank behind its #",
        ),
        (
            "x,y,h\n1,2,0.31\n3,1,0.52\n2,2,NA\n4,1,0.7\n",
            "line 4: \"NA\" is not a number in column 3 (h), whose other rows hold values",
        ),
        (
            "x,y,h\n1,2,0.31\n3,1,0.52\n2,2,n.d.\n4,1,0.7\n",
            "line 4: \"n.d.\" is not a number in column 3 (h)",
        ),
        (
            "x,y,h\n1,2,0.31\n3,1,\n2,2,0.4\n",
            "line 3: \"\" is not a number in column 3 (h)",
        ),
        (
            "x,y,k\n1,2,a\nNA,1,b\n2,2,a\n",
            "line 3: \"NA\" is no value in column 1 (x), and without that row no row has the label \"b\"",
        ),
        (
            "1,2,1\nNA,1,0.5\n2,2,0\n",
            "line 2: \"NA\" is no value in column 1, and without that row the labels would be classes, with it values",
        ),
        (
            "x,y,k\n1,2,a\n0,1,\"a\n1,0,b\n",
            "line 3: a quote is opened that is never closed",
        ),
        (
            "x,y,k\n1,2,a\n0,1,\"a\n1,0,b\n2,2,\"b\n1,1,a\n",
            "line 3: a quote is opened that is closed only in the middle of a cell, on line 5",
        ),
        (
            "x,y,k\n1,2,a\n0,1,\"a\n1,0,b\"\n1,1,a\n",
            "line 3: a quote is opened in column 3 (k) and not closed on the same line",
        ),
        (
            "x, y, k\n1, 2, a\n0, 1, \"a\n1, 0, b\n",
            "line 3: a quote is opened that is never closed",
        ),
        (
            "a,b,c,d,s\n1,2,3,4,u\n5,6,7,8,v\n",
            "line 1: 5 columns; allowed: two columns and a label, or x and y, separated by commas, semicolons or tabs; choose three of 1 (a), 2 (b), 3 (c), 4 (d), 5 (s)",
        ),
        ("My points\n\nx,y,k\n1,2,a\n", "line 1: 1 column"),
        // Decimal commas where commas separate are no names of rows.
        (
            "x,y,k\n-1,5,2,a\n0,5,1,b\n",
            "line 2: 4 columns where the first row has 3",
        ),
        (
            "2019,2020,k\n1.5,2.5,a\n3.5,1.5,b\n",
            "line 1: it may name the columns (\"k\" stands above labels) or be a row",
        ),
        (
            "x;y;k\nk.A.;k.A.;a\n1;2;a\n3;1;b\n",
            "line 2: \"k.A.\" is not a number",
        ),
    ] {
        let error = read(text).expect_err(text);
        assert!(error.starts_with(words), "{text:?}: {error}");
    }
}

#[test]
fn what_programs_add_to_a_table_is_told_from_its_rows() {
    for (text, columns, said) in [
        // Spreadsheets: a title, names over two lines, units, names without columns.
        (
            "Measured 2020;;\nx;y;k\n0,1;0,2;a\n0,4;0,1;b\n0,3;0,9;a\n",
            ["column 1 (Measured 2020 x)", "column 2 (y)", "column 3 (k)"],
            "Line 2 has more of the columns’ names, or units.",
        ),
        (
            "Body,,Sex\nh,w,\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
            ["column 1 (Body h)", "column 2 (w)", "column 3 (Sex)"],
            "Line 2 has more",
        ),
        (
            "h\tw\tk\n(cm)\t(kg)\t-\n0.1\t0.2\ta\n0.4\t0.1\tb\n0.3\t0.9\ta\n",
            ["column 1 (h (cm))", "column 2 (w (kg))", "column 3 (k -)"],
            "Line 2 has more",
        ),
        (
            "x,y,k,,\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
            ["column 1 (x)", "column 2 (y)", "column 3 (k)"],
            "",
        ),
        // numpy and gnuplot: names in a note.
        (
            "# k x y\na 0.1 0.2\nb 0.4 0.1\na 0.3 0.9\n",
            ["column 2 (x)", "column 3 (y)", "column 1 (k)"],
            "A note names the columns.",
        ),
        (
            "# made by hand\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n",
            ["column 1", "column 2", "column 3"],
            "One line is a note and was passed over.",
        ),
        // R: names of rows; pandas: two indices, one after a hole.
        (
            "\"\",\"x\",\"y\",\"k\"\n\"Fiat 128\",0.1,0.2,\"a\"\n\"Volvo\",0.4,0.1,\"b\"\n\"Lotus\",0.3,0.9,\"a\"\n",
            ["column 2 (x)", "column 3 (y)", "column 4 (k)"],
            "Column 1 only names the rows and is left out.",
        ),
        (
            "x y k\n3 0,1 0,2 a\n1 0,4 0,1 b\n2 0,3 0,9 a\n",
            ["column 2 (x)", "column 3 (y)", "column 4 (k)"],
            "Column 1 only numbers the rows",
        ),
        (
            "Unnamed: 0.1,Unnamed: 0,x,y,k\n0,0.0,0.1,0.2,a\n1,2.0,0.4,0.1,b\n2,3.0,0.3,0.9,a\n",
            ["column 3 (x)", "column 4 (y)", "column 5 (k)"],
            "Column 2 (Unnamed: 0) only numbers the rows",
        ),
        (
            "id,x,y,k\n1007,0.1,0.2,a\n1001,0.4,0.1,b\n1009,0.3,0.9,a\n",
            ["column 2 (x)", "column 3 (y)", "column 4 (k)"],
            "Column 1 (id) only numbers the rows",
        ),
        // Drawn lines, and what cannot be seen.
        (
            "| x | y | k |\n|--:|--:|---|\n| 0.1 | 0.2 | a |\n| 0.4 | 0.1 | b |\n| 0.3 | 0.9 | a |\n",
            ["column 2 (x)", "column 3 (y)", "column 4 (k)"],
            "2 empty columns are left out.",
        ),
        (
            "\u{feff}x,y,k\n0.1,0.2,\u{200e}a\n0.4,0.1,b\u{feff}\n0.3,0.9,a\u{200b}\n\u{1a}",
            ["column 1 (x)", "column 2 (y)", "column 3 (k)"],
            "",
        ),
    ] {
        assert_eq!(rows(text), three(), "{text}");
        let table = read(text).unwrap();
        assert_eq!(table.columns, columns, "{text}");
        let told = table.remarks.concat();
        assert!(told.contains(said), "{text}: {told}");
    }
    // Decimal commas between blanks, also where each line has as many commas.
    let inputs = |text: &str| {
        let inputs = read(text).unwrap().points.inputs;
        [inputs[(0, 0)], inputs[(1, 0)], inputs.ncols() as f64]
    };
    assert_eq!(inputs("1,5 2,5\n0,5 1,5\n"), [1.5, 0.5, 1.0]);
    assert_eq!(inputs("x y k\n1,5 2,5 a\n0,5 1,5 b\n"), [1.5, 0.5, 2.0]);
    // What a decimal point may have been is said; numbers are classes by their value.
    let table = read("1 2 1.000e+00\n2 1 0.000e+00\n").unwrap();
    assert_eq!(table.labels, ["0", "1"]);
    let table = read("1.234;2.345;a\n2.345;1.234;b\n").unwrap();
    assert_eq!(
        table.remarks,
        ["A point within a number, as in \"1.234\", is a decimal one."]
    );
}

#[test]
fn rows_without_a_number_or_label_are_left_out_and_counted() {
    for text in [
        "x,y,k\n0.1,0.2,a\nNA,0.1,a\n0.4,0.1,b\n0.3,,a\n0.3,0.9,a\n",
        "x,y,k\n0.1,0.2,a\n0.4,0.1,b\n0,0,\n0.3,0.9,a\n0,nan,b\n",
        "NaN,0.2,b\n0.1,0.2,a\n0.4,0.1,b\n0.3,0.9,a\n-,-,a\n",
        "0.1\t0.2\ta\n?\t1\ta\n0.4\t0.1\tb\nnull\t0\ta\n0.3\t0.9\ta\n",
    ] {
        assert_eq!(rows(text), three(), "{text}");
        let table = read(text).unwrap();
        assert_eq!(table.left_out, 2, "{text}");
        let said = table.remarks.concat();
        assert!(
            said.contains("2 rows are left out, the first on this: line "),
            "{said}"
        );
    }
    // Numbers for classes, a hole among them.
    let table = read("0,0,0\n0,1,1\n1,1,NA\n1,0,1\n").unwrap();
    assert_eq!((table.labels.len(), table.left_out), (2, 1));
    // Whoever asks for values is given them.
    let table = table::read("0,0,0.5\n0,1,1\n1,1,NA\n", Answers::Values, None).unwrap();
    assert_eq!((table.points.inputs.nrows(), table.left_out), (2, 1));
}

const IRIS: &str = "sepal_length,sepal_width,petal_length,petal_width,species\n\
                    5.1,3.5,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.3,3.3,6.0,2.5,virginica\n4.9,3.0,1.4,0.2,setosa\n";

#[test]
fn any_columns_are_chosen_by_name_or_number() {
    let choose = |columns: &str| table::read(IRIS, Answers::AsTheyLook, Some(columns));
    let table = choose("petal_length,petal_width,species").unwrap();
    assert_eq!(
        table.columns,
        [
            "column 3 (petal_length)",
            "column 4 (petal_width)",
            "column 5 (species)"
        ]
    );
    assert_eq!((table.labels.len(), &table.counts[..]), (3, &[2, 1, 1][..]));
    for same in [
        "3,4,5",
        "#3, #4, #5",
        "Petal_Length,4,species",
        "\"petal_length\",petal_width,SPECIES",
    ] {
        assert_eq!(choose(same), Ok(table.clone()), "{same}");
    }
    assert_eq!(choose("1,3").unwrap().points.inputs.ncols(), 1);
    for (columns, words) in [
        ("1", "columns: \"1\" names 1 columns"),
        ("1,1,5", "columns: \"1,1,5\" names one column twice"),
        (
            "1,2,colour",
            "columns: there is no column \"colour\"; allowed: 1 (sepal_length)",
        ),
        ("1,2,6", "columns: there is no column \"6\""),
        ("1,5,2", "line 2: \"setosa\" is not a number"),
    ] {
        let error = choose(columns).unwrap_err();
        assert!(error.starts_with(words), "{columns}: {error}");
    }
    let asks = outline(IRIS).unwrap();
    assert_eq!((asks.names.len(), asks.guess), (5, Some([0, 1, 4])));
    assert!(!asks.obvious);
    let obvious = outline("x,y,k\n1,2,a\n3,4,b\n").unwrap();
    assert!(obvious.obvious);
    let twice = "x,X,x,Y,y,k\n1,2,3,4,5,a\n6,7,8,9,0,b\n";
    let choose = |columns: &str| table::read(twice, Answers::AsTheyLook, Some(columns));
    let error = choose("x,y,k").unwrap_err();
    assert_eq!(
        error,
        "columns: several are called \"x\"; allowed: 1 (x), 2 (X), 3 (x), 4 (Y), 5 (y), 6 (k)"
    );
    assert_eq!(
        choose("X,y,K").unwrap().columns,
        ["column 2 (X)", "column 5 (y)", "column 6 (k)"]
    );
    // An index can be chosen even so.
    let table = table::read(
        ",x,y,k\n0,0.1,0.2,a\n1,0.4,0.1,b\n",
        Answers::AsTheyLook,
        Some("1,y,k"),
    );
    assert_eq!(table.unwrap().columns[0], "column 1");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tables")
}

#[test]
fn files_as_they_were_sent_in_are_read_and_told_or_refused() {
    let run = |name: &str, more: &[&str]| {
        let path = folder().join(name).display().to_string();
        let output = proxprop(
            &folder(),
            &[&["run", "epochs=1&hidden=2", "--data", &path], more].concat(),
        );
        let words = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), words)
    };
    for (name, fine, words) in [
        (
            "excel-error-in-first-column.csv",
            false,
            "line 3: \"#DIV/0!\" is not a number but an error",
        ),
        (
            "latin1-two-labels.csv",
            true,
            "classes 1 = Bär, 2 = Bör, of 2, 2 rows",
        ),
        (
            "latin1-two-labels.csv",
            true,
            "It is not UTF-8 and was read as Windows-1252",
        ),
        (
            "na-among-values.csv",
            false,
            "line 4: \"NA\" is not a number in column 3 (height)",
        ),
        (
            "numpy-savetxt.txt",
            true,
            "classes 1 = 0, 2 = 1, of 2, 1 rows",
        ),
        (
            "one-class.csv",
            true,
            "There is only one class, \"yes\": there is nothing to learn.",
        ),
        (
            "pandas-index.csv",
            true,
            "Column 1 only numbers the rows and is left out.",
        ),
        ("sep-line.csv", true, "classes 1 = a, 2 = b, of 2, 1 rows"),
        (
            "stray-quote.csv",
            false,
            "line 4: a quote is opened that is never closed",
        ),
        (
            "thousands-with-tabs.tsv",
            false,
            "line 3: \"1,050\" may be 1050 or 1.05",
        ),
        ("workbook.xlsx", false, "workbook.xlsx: this is a workbook"),
    ] {
        let (went, said) = run(name, &[]);
        assert!(went == fine && said.contains(words), "{name}: {said}");
    }
    let (went, said) = run("sep-line.csv", &["--columns", "y,x,k"]);
    assert!(
        went && said.contains("x, y and the label are column 2 (y), column 1 (x), column 3 (k)"),
        "{said}"
    );
    let folder = TempDir::new().unwrap();
    let utf16: Vec<u8> = "\u{feff}x\ty\tk\n0\t0\tä\n1\t1\tö\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(folder.path().join("16.txt"), utf16).unwrap();
    let output = proxprop(
        folder.path(),
        &["run", "epochs=1&hidden=2", "--data", "16.txt"],
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("classes 1 = ä, 2 = ö") && said.contains("UTF-16"),
        "{said}"
    );
    // A letter and its accent, written as one character and as two.
    let accents = "x,y,k\n0,0,\u{e9}\n1,1,e\u{301}\n0,1,o\n";
    std::fs::write(folder.path().join("accents.csv"), accents).unwrap();
    let output = proxprop(
        folder.path(),
        &["run", "epochs=1&hidden=2", "--data", "accents.csv"],
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("classes 1 = o, 2 = é, of 1, 2 rows"),
        "{said}"
    );
    std::fs::write(folder.path().join("state.json"), "{\"x\":[1]}").unwrap();
    refused(
        folder.path(),
        &["run", "", "--data", "state.json"],
        "state.json: this is JSON",
    );
    let trained = succeeds(
        folder.path(),
        &["run", "epochs=1&hidden=2", "--data", "16.txt"],
    );
    assert!(trained.contains("done"), "{trained}");
    std::fs::write(
        folder.path().join("large.csv"),
        vec![b'1'; table::MOST_BYTES + 1],
    )
    .unwrap();
    refused(
        folder.path(),
        &["run", "", "--data", "large.csv"],
        "large.csv: 10.0 MB are too many",
    );
    refused(folder.path(), &["run", "", "--columns", "1,2,3"], "--data");
}

#[test]
fn one_class_is_said_and_a_table_goes_into_a_link() {
    let mut session = Session::new("hidden=4&run=prox-exact,tau:1").unwrap();
    let notices = |events: Vec<Event>| -> String {
        let words = events.into_iter().filter_map(|event| match event {
            Event::Notice(words) => Some(words),
            _ => None,
        });
        words.collect()
    };
    let query = "data=points&points=0:0,0;0,0".to_owned();
    let said = notices(session.apply(Command::Load { query }).unwrap());
    assert!(said.contains("only one class"), "{said}");

    let text = (0..500).fold("x,y,k\n".to_owned(), |mut text, i| {
        let _ = writeln!(
            text,
            "{},{},{}",
            f64::from(i) / 250.0,
            i % 7,
            ["a", "b"][i as usize % 2]
        );
        text
    });
    let name = "points.csv".to_owned();
    let encoding = encoding(text.as_bytes()).unwrap();
    let columns = String::new();
    session
        .apply(Command::LoadCsv {
            name,
            text,
            encoding,
            columns,
        })
        .unwrap();
    let drawn = drawn_of_all(session.scene()).unwrap();
    assert_eq!(drawn.dots.len(), 500);
    let value = proxprop::lab::config::drawn_text(&drawn);
    session
        .apply(Command::Set {
            key: "points".into(),
            value,
        })
        .unwrap();
    assert_eq!(session.config().data, DataSource::Points);
    let link = Session::new(&session.config().to_string()).unwrap();
    assert_eq!(
        (link.scene().training.len(), link.scene().classes),
        (500, 2)
    );
}

/// Texts that look like tables for the most part.
fn some_text() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        4 => "-?[0-9]{1,4}([.,][0-9]{0,3})?",
        1 => "[a-c]",
        1 => prop::sample::select(vec!["", "NA", "\"", "\"a", "\"\"", "#", "#N/A", "# n", "nan", "inf", "sep=;", " ", "1e999", "\u{feff}", "é", "x", "class", "id", "---", "1 234", "\u{200b}a", "1.5 2.5"])
            .prop_map(str::to_owned),
    ];
    let row = prop::collection::vec(cell, 1..5);
    let separator = prop::sample::select(vec![",", ";", "\t", " ", ", ", "|"]);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (prop::collection::vec(row, 0..8), separator, end).prop_map(|(rows, separator, end)| {
        let rows: Vec<String> = rows.iter().map(|row| row.join(separator)).collect();
        rows.join(end)
    })
}

/// How a program writes a table.
#[derive(Clone, Debug)]
struct Dialect {
    separator: &'static str,
    decimal: &'static str,
    header: bool,
    /// The number of the first row, where the rows are numbered.
    index: Option<usize>,
    quotes: bool,
    end: &'static str,
}

impl Dialect {
    fn write(&self, rows: &[[String; 3]]) -> String {
        let cell = |cell: &str| {
            if self.quotes || cell.contains(self.separator) {
                format!("\"{cell}\"")
            } else {
                cell.to_owned()
            }
        };
        let header = self.header.then(|| {
            let index = self.index.map(|_| String::new());
            let names = index.into_iter().chain(["x", "y", "k"].map(str::to_owned));
            names.map(|name| cell(&name)).collect::<Vec<_>>()
        });
        let rows = rows.iter().enumerate().map(|(i, [x, y, label])| {
            let index = self.index.map(|first| cell(&(first + i).to_string()));
            let numbers = [x, y].map(|number| cell(&number.replace('.', self.decimal)));
            index
                .into_iter()
                .chain(numbers)
                .chain([cell(label)])
                .collect()
        });
        let lines = header.into_iter().chain(rows);
        lines
            .map(|line| line.join(self.separator) + self.end)
            .collect()
    }
}

fn some_dialect() -> impl Strategy<Value = Dialect> {
    let separator = prop::sample::select(vec![",", ";", "\t", " ", "|", ", ", "; "]);
    let decimal = prop::sample::select(vec![".", ","]);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let index = prop::option::of(0_usize..2);
    (separator, decimal, any::<bool>(), index, any::<bool>(), end).prop_map(
        |(separator, decimal, header, index, quotes, end)| Dialect {
            separator,
            decimal,
            header,
            index,
            quotes,
            end,
        },
    )
}

fn some_rows() -> impl Strategy<Value = Vec<[String; 3]>> {
    let number = || "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,4})?";
    let label = prop_oneof!["[a-c]", "[0-2]"];
    let row = (number(), number(), label).prop_map(|(x, y, label)| [x, y, label]);
    prop::collection::vec(row, 2..6)
}

/// Whether a table is one, or its refusal a sentence.
fn check(text: &str) -> Result<(), TestCaseError> {
    let _ = outline(text);
    for (answers, columns) in [
        (Answers::AsTheyLook, None),
        (Answers::Classes, None),
        (Answers::Values, Some("1,2,3")),
        (Answers::AsTheyLook, Some("2,1")),
    ] {
        match table::read(text, answers, columns) {
            Ok(table) => {
                let rows = table.points.inputs.nrows();
                prop_assert!(rows >= 2);
                prop_assert!(table.points.inputs.iter().all(|v| v.abs() <= 3.0));
                match &table.points.targets {
                    Targets::Classes { labels, .. } => {
                        prop_assert_eq!(labels.len(), rows);
                        prop_assert_eq!(table.counts.iter().sum::<usize>(), rows);
                        prop_assert!(table.counts.iter().all(|count| *count > 0));
                    }
                    Targets::Values(values) => prop_assert!(values.iter().all(|v| v.is_finite())),
                }
            }
            Err(error) => prop_assert!(error.len() > 10 && !error.contains('\n'), "{}", error),
        }
    }
    Ok(())
}

/// A table as text that says the same.
fn write(table: &Table) -> String {
    let mut text = "x,y,label\n".to_owned();
    let inputs = &table.points.inputs;
    for i in 0..inputs.nrows() {
        let _ = match &table.points.targets {
            Targets::Classes { labels, .. } => {
                let label = table.labels[labels[i] as usize].replace('"', "\"\"");
                writeln!(text, "{},{},\"{label}\"", inputs[(i, 0)], inputs[(i, 1)])
            }
            Targets::Values(values) => {
                let second = inputs
                    .row(i)
                    .get(1)
                    .map_or(String::new(), |y| format!("{y},"));
                writeln!(text, "{},{second}{}", inputs[(i, 0)], values[(i, 0)])
            }
        };
    }
    if table.points.inputs.ncols() == 1 {
        text = text.replacen("x,y,label", "x,y", 1);
    }
    text
}

proptest! {
    #[test]
    fn any_bytes_are_a_table_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        match encoding(&bytes) {
            Ok(_) => check(&String::from_utf8_lossy(&bytes))?,
            Err(error) => prop_assert!(error.starts_with("this is ")),
        }
    }

    #[test]
    fn any_text_is_a_table_or_a_sentence(text in some_text()) {
        check(&text)?;
    }

    #[test]
    fn no_program_writes_a_table_that_is_misread_in_silence(rows in some_rows(), dialect in some_dialect()) {
        let plain = Dialect { separator: ",", decimal: ".", header: true, index: None, quotes: false, end: "\n" };
        let text = dialect.write(&rows);
        if let (Ok(meant), Ok(table)) = (read(&plain.write(&rows)), read(&text)) {
            let told = table.remarks.concat().contains("separates thousands");
            let same = (&table.points, &table.labels) == (&meant.points, &meant.labels);
            prop_assert!(same || told, "{}{:?}", text, table);
        }
    }

    #[test]
    fn what_is_read_and_written_again_is_the_same(text in some_text()) {
        if let Ok(table) = read(&text) {
            let answers = if table.labels.is_empty() { Answers::Values } else { Answers::Classes };
            let again = table::read(&write(&table), answers, None);
            let again = again.map_err(|error| TestCaseError::fail(format!("{error}\n{}", write(&table))))?;
            prop_assert_eq!((again.points, again.labels), (table.points, table.labels), "{}", text);
        }
    }
}
